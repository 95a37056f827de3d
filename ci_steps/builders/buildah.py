"""Buildah: it builds without a daemon, also where nothing may be run as root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.images import daemonless
from ci_steps.images.engine import produce
from ci_steps.images.labels import REVISION

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Image, Progress, Recipe

_ENGINE = daemonless.engine(
    "buildah",
    describe=("buildah", "inspect", "--type", "image"),
    id_and_revision=f'{{{{.FromImageID}}}} {{{{index .OCIv1.Config.Labels "{REVISION}"}}}}',
)


def missing(outside: Outside) -> str:
    """Return why buildah cannot be used here, or nothing when it can."""
    return daemonless.missing("buildah", "{{.host.os}}", outside)


def build(recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and, when asked, push."""
    return produce(_ENGINE, recipe, outside, progress)
