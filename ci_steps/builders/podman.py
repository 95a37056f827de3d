"""Podman: docker's commands without a daemon."""

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
    build=("podman", "build", "--layers", "--format", "docker"),
    # With kept layers, one platform's image is taken for that of another.
    build_many=("podman", "build", "--layers=false", "--format", "docker"),
    push=("podman", "push"),
    push_many=("podman", "manifest", "push", "--all"),
    inspect=(
        *("podman", "image", "inspect", "--format"),
        f'{{{{.ID}}}} {{{{index .Config.Labels "{REVISION}"}}}}',
    ),
    unknown="image not known",
    describe=("podman", "image", "inspect"),
    without_tls=("--tls-verify=false",),
    home="localhost",
    timestamp=("--timestamp={}",),
    lacks={"cache": "It keeps layers on its machine; docker's plugin buildx brings them along."},
)
_TIMEOUT_SECONDS = 15


def missing(outside: Outside) -> str:
    """Return why podman cannot be used here, or nothing when it can."""
    if outside.which("podman") is None:
        return "podman: no such program"
    # It reads the configuration and opens the store of images, where most set-ups go wrong.
    question = ("podman", "info", "--format", "{{.Host.OS}}")
    answer = outside.ask(question, timeout_seconds=_TIMEOUT_SECONDS)
    return "" if answer.ok else f"podman: {answer.last_line}"


def build(recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and, when asked, push."""
    return produce(_ENGINE, recipe, outside, progress)
