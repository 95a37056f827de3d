"""What contracts say of a release, and what people wrote about it, as one list of changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.changelog.document import Change, Severity, Sort

if TYPE_CHECKING:
    from ci_steps.comparisons.changes import Change as Compared

_SORTS = (
    ("-removed", Sort.REMOVED),
    ("-removed-without-deprecation", Sort.REMOVED),
    ("-removed-with-deprecation", Sort.REMOVED),
    ("-removed-before-sunset", Sort.REMOVED),
    ("-added", Sort.ADDED),
    ("-deprecated", Sort.DEPRECATED),
)


def from_contracts(compared: Iterable[Compared]) -> tuple[Change, ...]:
    """Return what a comparison found, the worst first."""
    found = sorted(compared, key=lambda one: (-one.level, one.subject, one.rule))
    return tuple(
        Change(
            _sort(one.rule),
            one.subject,
            one.text.removeprefix(f"{one.subject}: "),
            "",
            Severity(one.level.word),
            one.rule,
        )
        for one in found
    )


def with_written(compared: Sequence[Change], wrote: Iterable[Change]) -> tuple[Change, ...]:
    """Return both; what people wrote about a change that was found is said of that one."""
    changes = list(compared)
    for one in wrote:
        same = [
            at
            for at, other in enumerate(changes)
            if one.what and other.what == one.what and other.sort is one.sort
        ]
        if one in changes:
            continue
        if len(same) == 1 and changes[same[0]].rule:
            found = changes[same[0]]
            changes[same[0]] = replace(found, text=one.text, migration=one.migration)
        else:
            changes.append(one)
    return tuple(changes)


def _sort(rule: str) -> Sort:
    return next((sort for end, sort in _SORTS if rule.endswith(end)), Sort.CHANGED)
