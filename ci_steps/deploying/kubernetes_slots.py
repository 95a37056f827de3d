"""A slot of a service as a cluster knows it: by two labels, and by what manifests leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.deploying.kubernetes_manifests import SERVICE, SLOT, Inserted
from ci_steps.deploying.object_names import object_name, object_suffix
from ci_steps.deploying.service_variables import service_variables

if TYPE_CHECKING:
    from ci_steps.protocols import Build, Place


@dataclass(frozen=True)
class KubernetesSlot:
    """Where a service is deployed in a cluster."""

    service: str
    place: Place

    @property
    def label(self) -> str:
        """The value of the label that says which slot an object is in."""
        return object_suffix(f"{self.place.environment}-{self.place.slot}")

    @property
    def selector(self) -> str:
        """What finds all objects of the slot."""
        return f"{SERVICE}={object_name(self.service)},{SLOT}={self.label}"

    def filled(self, build: Build) -> dict[str, str]:
        """Return what manifests may leave open."""
        return {
            "CI_STEPS_SERVICE": build.service,
            "CI_STEPS_VERSION": str(build.version),
            "CI_STEPS_SLOT": object_suffix(self.place.slot),
            "CI_STEPS_ENVIRONMENT": object_suffix(self.place.environment),
            "CI_STEPS_IMAGE": build.pinned_image,
        }

    def inserted(self, build: Build, container: str, variables: Mapping[str, str]) -> Inserted:
        """Return what is put into the Deployment that is the build."""
        return Inserted(
            service=object_name(self.service),
            slot=self.label,
            environment=object_suffix(self.place.environment),
            version=str(build.version),
            commit=build.commit,
            image=build.pinned_image,
            container=container,
            told=service_variables(build, self.place, variables),
        )
