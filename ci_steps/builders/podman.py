"""Podman: docker's commands without a daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.images import daemonless
from ci_steps.images.engine import produce
from ci_steps.images.labels import REVISION

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Image, Progress, Recipe

_ENGINE = daemonless.engine(
    "podman",
    describe=("podman", "image", "inspect"),
    id_and_revision=f'{{{{.ID}}}} {{{{index .Config.Labels "{REVISION}"}}}}',
)


def missing(outside: Outside) -> str:
    """Return why podman cannot be used here, or nothing when it can."""
    return daemonless.missing("podman", "{{.Host.OS}}", outside)


def build(recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and, when asked, push."""
    return produce(_ENGINE, recipe, outside, progress)
