"""Buildah: it builds without a daemon, also where nothing may be run as root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.images.commands import Engine
from ci_steps.images.engine import produce
from ci_steps.images.labels import REVISION

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Image, Progress, Recipe

_ENGINE = Engine(
    # The format that keeps HEALTHCHECK: the same file gives the same image with every engine.
    build=("buildah", "build", "--layers", "--format", "docker"),
    # With kept layers, one platform's image is taken for that of another.
    build_many=("buildah", "build", "--layers=false", "--format", "docker"),
    push=("buildah", "push"),
    push_many=("buildah", "manifest", "push", "--all"),
    inspect=(
        *("buildah", "inspect", "--type", "image", "--format"),
        f'{{{{.FromImageID}}}} {{{{index .OCIv1.Config.Labels "{REVISION}"}}}}',
    ),
    unknown="image not known",
    describe=("buildah", "inspect", "--type", "image"),
    without_tls=("--tls-verify=false",),
    home="localhost",
    timestamp=("--timestamp={}",),
    lacks={"cache": "It keeps layers on its machine; docker's plugin buildx brings them along."},
)
_TIMEOUT_SECONDS = 15


def missing(outside: Outside) -> str:
    """Return why buildah cannot be used here, or nothing when it can."""
    if outside.which("buildah") is None:
        return "buildah: no such program"
    # It reads the configuration and opens the store of images, where most set-ups go wrong.
    question = ("buildah", "info", "--format", "{{.host.os}}")
    answer = outside.ask(question, timeout_seconds=_TIMEOUT_SECONDS)
    return "" if answer.ok else f"buildah: {answer.last_line}"


def build(recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and, when asked, push."""
    return produce(_ENGINE, recipe, outside, progress)
