"""Versions as git tags name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ci_steps.errors import OutsideError, VersionError
from ci_steps.moments import iso_moment
from ci_steps.versions import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ci_steps.outside import Outside

# Name, time, commit of a light tag, commit of an annotated one.
_FORMAT = "%(refname:strip=2)%09%(creatordate:iso-strict)%09%(objectname)%09%(*objectname)"
_PARTS = 4


@dataclass(frozen=True)
class Tag:
    """A tag that names a version."""

    name: str
    version: Version
    at: datetime
    commit: str


def tags(folder: Path, prefix: str, outside: Outside) -> tuple[Tag, ...]:
    """Return the tags that are versions behind *prefix*; none where there is no repository."""
    command = ("git", "for-each-ref", f"--format={_FORMAT}", "refs/tags")
    try:
        finished = outside.ask(command, cwd=folder)
    except OutsideError:
        return ()
    return tuple(_tags(finished.output, prefix)) if finished.ok else ()


def _tags(output: str, prefix: str) -> Iterator[Tag]:
    for line in output.splitlines():
        parts = line.split("\t")
        if len(parts) != _PARTS or not parts[0].startswith(prefix):
            continue
        name, at, commit, annotated = parts
        try:
            version = parse_version(name[len(prefix) :])
            yield Tag(name, version, iso_moment(at), annotated or commit)
        except (VersionError, ValueError):
            continue  # a tag of another kind
