"""Docker: its client, and a daemon that answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.errors import OutsideError
from ci_steps.images.commands import Engine
from ci_steps.images.engine import produce
from ci_steps.images.labels import REVISION

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Image, Progress, Recipe

_WITHOUT_BUILDX = "Install docker's plugin buildx, or build with podman or buildah."
_CLASSIC = Engine(
    build=("docker", "build"),
    push=("docker", "push"),
    inspect=(
        *("docker", "image", "inspect", "--format"),
        f'{{{{.ID}}}} {{{{index .Config.Labels "{REVISION}"}}}}',
    ),
    unknown="no such image",
    describe=("docker", "image", "inspect"),
    lacks=dict.fromkeys(("secrets", "cache", "platforms"), _WITHOUT_BUILDX),
)
# A signed statement about the build would make an index of every image.
_BUILDX = ("docker", "buildx", "build", "--provenance=false", "--progress=plain")
_WITH_BUILDX = replace(
    _CLASSIC,
    build=(*_BUILDX, "--load"),
    build_many=(*_BUILDX, "--push"),
    timestamp=("--build-arg=SOURCE_DATE_EPOCH={}",),
    cache=("--cache-from=type=registry,ref={}", "--cache-to=type=inline"),
    lacks={},
)
_TIMEOUT_SECONDS = 15


def missing(outside: Outside) -> str:
    """Return why docker cannot be used here, or nothing when it can."""
    if outside.which("docker") is None:
        return "docker: no such program"
    version = ("docker", "version", "--format", "{{.Server.Version}}")
    answer = outside.ask(version, timeout_seconds=_TIMEOUT_SECONDS)
    if answer.ok:
        return ""
    if "permission denied" in answer.output.lower():
        return f"docker: the daemon at {_address(outside)} may not be used by this user"
    return f"docker: no daemon answers at {_address(outside)}"


def build(recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and, when asked, push; with buildx where the client has it."""
    has_buildx = outside.ask(("docker", "buildx", "version"), timeout_seconds=_TIMEOUT_SECONDS).ok
    return produce(_WITH_BUILDX if has_buildx else _CLASSIC, recipe, outside, progress)


def _address(outside: Outside) -> str:
    where = ("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    try:
        answer = outside.ask(where, timeout_seconds=_TIMEOUT_SECONDS)
    except OutsideError:
        return "its address"
    return answer.output.strip() if answer.ok else outside.environ.get("DOCKER_HOST", "its socket")
