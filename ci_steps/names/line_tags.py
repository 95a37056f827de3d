"""The tag of a line in a registry: it moves to what production has proven, and to nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ci_steps.errors import CiStepsError
from ci_steps.images.logins import kept_login, named_login
from ci_steps.images.moving import move_tag
from ci_steps.images.reference import Reference, split

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Build

LINE = "line"
_TRIES = 3
_PAUSE_SECONDS = 2.0


def tag_of_line(image: str, line: str) -> Reference | None:
    """Return the tag that the line of an image has in its registry; None where it is in none."""
    reference = split(image) if image else None
    return replace(reference, tag=line) if reference and reference.host else None


def is_wanted(options: Any) -> bool:
    """Return whether lines have tags in a registry, by the options of `container-build`."""
    return bool(options.push and LINE in options.tags)


def move_line(build: Build, options: Any, outside: Outside) -> str:
    """Move the tag of a build's line to it; return what is wrong, or nothing.

    Nothing is taken back for it: the release is where it is.
    """
    moved = tag_of_line(build.image, build.version.line)
    if moved is None:
        return ""
    for left in range(_TRIES - 1, -1, -1):
        problem = _problem(moved, build.digest, options, outside)
        if not problem:
            return ""
        if left:
            outside.pause(_PAUSE_SECONDS)
    return f"the tag {moved} is not moved to {build.version}: {problem}"


def _problem(moved: Reference, digest: str, options: Any, outside: Outside) -> str:
    try:
        login = named_login(options.user_env, options.password_env, outside)
        move_tag(moved, digest, outside, login or kept_login(moved, outside))
    except CiStepsError as error:
        return str(error)
    return ""
