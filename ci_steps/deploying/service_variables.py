"""What a service is told in its environment variables, by every target alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.protocols import Build, Place


def service_variables(build: Build, place: Place, written: Mapping[str, str]) -> dict[str, str]:
    """Return what its owner has *written*, what the place knows of others, and what it is."""
    return {**written, **place.variables, **about(build, place)}


def about(build: Build, place: Place) -> dict[str, str]:
    """Return what a build is, and where it runs."""
    return {
        "CI_STEPS_SERVICE": build.service,
        "CI_STEPS_VERSION": str(build.version),
        "CI_STEPS_COMMIT": build.commit,
        "CI_STEPS_ENVIRONMENT": place.environment,
    }
