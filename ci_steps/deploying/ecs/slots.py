"""A slot of a service as ECS knows it: a service of its own, by its name and its tags."""

from __future__ import annotations

from dataclasses import dataclass

from ci_steps.deploying.ecs.cluster import Cluster
from ci_steps.deploying.ecs.rollout import ENVIRONMENT, SERVICE, SLOT, Service
from ci_steps.deploying.ecs.watching import pauses
from ci_steps.deploying.object_names import object_name, object_suffix
from ci_steps.deploying.placeholders import fill
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.protocols import Place

_LONGEST_NAME = 100  # ECS allows 255; the tag that says what was proven has room for 256


@dataclass(frozen=True)
class EcsSlot:
    """Where a service is deployed in a cluster; *called* is its name there, if one was given."""

    service: str
    place: Place
    cluster: Cluster
    called: str = ""

    @property
    def name(self) -> str:
        """The name of the ECS service."""
        if self.called:
            return fill(self.called, self.filled)
        parts = (self.service, self.place.environment, self.place.slot)
        return object_name(*parts, longest=_LONGEST_NAME)

    @property
    def filled(self) -> dict[str, str]:
        """What files may leave open about the slot."""
        return {
            "CI_STEPS_SERVICE": self.service,
            "CI_STEPS_SLOT": object_suffix(self.place.slot),
            "CI_STEPS_ENVIRONMENT": object_suffix(self.place.environment),
        }

    @property
    def tags(self) -> dict[str, str]:
        """What says of an ECS service that it is that of this slot."""
        filled = self.filled
        return {
            SERVICE: self.service,
            SLOT: filled["CI_STEPS_SLOT"],
            ENVIRONMENT: filled["CI_STEPS_ENVIRONMENT"],
        }

    def present(self, seconds: float) -> Service | None:
        """Return the ECS service, or None; RefusedError if it is not one that can be deployed.

        One that is about to end is waited for: it must be gone before one is made in its place.
        """
        found = self.cluster.service(self.name)
        if found and found.status == "DRAINING":
            self.await_end(seconds)
            return None
        if found and not self.may_be(found):
            others = ", ".join(f"{key} {value}" for key, value in sorted(found.tags.items()))
            raise RefusedError(
                f"the ECS service {self.name!r} is that of another slot ({others})",
                hint="Put ${CI_STEPS_SLOT} into its name under `service`, so that lines stand "
                "beside, and ${CI_STEPS_ENVIRONMENT} where environments share a cluster.",
            )
        if found and found.controller != "ECS":
            raise RefusedError(
                f"the deployments of the ECS service {self.name!r} are made by {found.controller}",
                hint="Deploy it by that, or make a service with the deployment controller ECS.",
            )
        return found

    def may_be(self, service: Service) -> bool:
        """Return whether a service is that of this slot, or nobody's yet."""
        return all(service.tags.get(key) in {None, value} for key, value in self.tags.items())

    def await_end(self, seconds: float) -> None:
        """Return when the service is gone or wants no tasks, and none of them is left."""
        outside = self.cluster.outside
        deadline = outside.seconds() + seconds
        for pause in pauses():
            problem = self._left()
            if not problem:
                return
            if outside.seconds() > deadline:
                break
            outside.pause(pause)
        raise OutsideError(f"{problem} (for {seconds:g} s)")

    def _left(self) -> str:
        service = self.cluster.service(self.name)
        if service is None:
            return ""
        what = f"the ECS service {self.name!r}"
        if service.status == "DRAINING" or service.running:
            return f"{what} is {service.status} with {service.running} tasks"
        left = [one for one in self.cluster.ended(self.name) if one.status != "STOPPED"]
        return f"{len(left)} tasks of {what} have not ended" if left else ""
