"""How the tag of a release is called, and where it is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.commits import is_of_git
from ci_steps.names.checking import Tagged
from ci_steps.names.git_tags import GitTag, has_remote, set_tag

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.outside import Outside


def tag_place(
    root: Path, version: str, commit: str, options: tuple[str, str, str], outside: Outside
) -> Tagged | None:
    """Return where production's release is tagged, or None where it is not.

    *options* are when to tag, what tags begin with, and the remote: as `deploy` has them.
    """
    when, prefix, remote = options
    if when == "never" or not is_of_git(commit):
        return None
    known = has_remote(root, remote, outside)
    if not known and when == "auto":
        return None
    return Tagged(root, remote if known else "", f"{prefix}{version}")


def tag_release(place: Tagged, service: str, version: str, commit: str, outside: Outside) -> str:
    """Set the tag; return what is wrong with it, or nothing."""
    message = f"{service} {version}"
    return set_tag(GitTag(place.name, commit, message, place.root, place.remote), outside)
