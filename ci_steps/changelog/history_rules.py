"""What holds for every history: each yields the path of what breaks it, and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ci_steps.changelog.document import ChangeLog, Release, Severity, Sort
from ci_steps.versions import Bump, Version, bump_between, parse_version

if TYPE_CHECKING:
    from ci_steps.changelog.document import Change
    from ci_steps.changelog.forms import Path

Wrong = Iterator[tuple["Path", str]]

# Clocks of two machines differ.
MOST_SKEW = timedelta(minutes=5)


def history_problems(log: ChangeLog, now: datetime) -> Wrong:
    """Yield what is wrong with the history."""
    versions = [parse_version(one.version) for one in log.history]
    seen: set[Version] = set()
    for at, one in enumerate(log.history):
        path: Path = ("history", at)
        before = versions[at + 1] if at + 1 < len(versions) else None
        if one.at > now + MOST_SKEW:
            yield (*path, "at"), f"{one.version} was released at {one.at}, which is still to come"
        if versions[at] in seen:
            yield (*path, "version"), f"{one.version} stands here for the second time"
        elif before and _is_later(before, versions[at]):
            yield (*path, "version"), f"{one.version} stands before {before}, which is newer"
        else:
            yield from _bump_problems(one, versions[at], before, path)
        seen.add(versions[at])
        yield from _change_problems(one, path)


def removal_problem(change: Change, bump: str) -> str:
    """Return why a change cannot be in a release of this size; nothing where it can."""
    if bump not in {Bump.BUGFIX.value, Bump.FEATURE.value}:
        return ""
    if change.severity is Severity.BREAKING:
        return f"breaks callers, in a {bump}"
    if bump == Bump.FEATURE.value:
        return ""
    if change.severity is Severity.WARNING:
        return "may break callers, in a bugfix"
    is_removal = change.sort is Sort.REMOVED and not change.rule
    return "is removed in a bugfix, which takes nothing away" if is_removal else ""


def bump_of(version: Version, before: Version | None) -> str:
    """Return what a release is after the one before it."""
    return bump_between(before, version).value if before else "first"


def _bump_problems(one: Release, version: Version, before: Version | None, path: Path) -> Wrong:
    expected = bump_of(version, before)
    if one.bump != expected:
        after = f"after {before}" if before else "as the first release"
        yield (*path, "bump"), f"{one.version} {after} is {expected}, not {one.bump}"


def _change_problems(one: Release, path: Path) -> Wrong:
    added = {change.what for change in one.changes if change.sort is Sort.ADDED and change.what}
    for at, change in enumerate(one.changes):
        where: Path = (*path, "changes", at, "sort")
        if problem := removal_problem(change, one.bump):
            yield where, f"{change.what or change.text} {problem}: {one.version}"
        if change.sort is Sort.DEPRECATED and change.what in added:
            yield where, f"{change.what} arrives in {one.version} and is deprecated already"


def _is_later(other: Version, version: Version) -> bool:
    return other.scheme == version.scheme and other > version
