"""Everything that is wrong with a change log and with what people wrote for it, at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ci_steps.changelog.agreement import agreement_problems
from ci_steps.changelog.document import ChangeLog, Sort
from ci_steps.changelog.growth import growth_problems
from ci_steps.changelog.history_rules import (
    MOST_SKEW,
    Wrong,
    bump_of,
    history_problems,
    removal_problem,
)
from ci_steps.changelog.plan_rules import plan_problems
from ci_steps.errors import Problem, RefusedError
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.changelog.files import Placed
    from ci_steps.changelog.fragments import Fragment
    from ci_steps.versions import Version


class ViolationError(RefusedError):
    """A change log breaks rules; each problem is one."""

    def __init__(self, problems: Iterable[Problem], *, hint: str = "") -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)), hint=hint)


def problems_of(
    placed: Placed[ChangeLog],
    now: datetime,
    before: ChangeLog | None = None,
    known: ChangeLog | None = None,
) -> Iterator[Problem]:
    """Yield what is wrong with a document; *before* was published, *known* by the dictionary."""
    log = placed.value
    found = [
        *_time_problems(log, now),
        *history_problems(log, now),
        *plan_problems(log, now),
        *(growth_problems(before, log) if before else ()),
        *(agreement_problems(log, known) if known else ()),
    ]
    for path, text in found:
        yield placed.problem(path, text)


def _time_problems(log: ChangeLog, now: datetime) -> Wrong:
    if log.at > now + MOST_SKEW:
        yield ("at",), f"{log.at} is still to come"
    for at, place in enumerate(log.current):
        for index, one in enumerate(place.versions):
            if one.since > now + MOST_SKEW:
                path = ("current", at, "versions", index, "since")
                yield path, f"{one.since} is still to come"


def fragment_problems(
    fragments: Sequence[Placed[Fragment]], log: ChangeLog, version: Version | None
) -> Iterator[Problem]:
    """Yield what people wrote that does not fit its release; without one, *version* is it."""
    known = [parse_version(one.version) for one in log.history]
    published = {
        (change.sort, change.what, change.text) for one in log.history for change in one.changes
    }
    added: set[tuple[Version | None, str]] = set()
    for placed in fragments:
        one = placed.value
        if one.kind is Sort.ADDED and one.what:
            added.add((_target(one, version), one.what))
    for placed in fragments:
        one, target = placed.value, _target(placed.value, version)
        if target is None or (not one.version and (one.kind, one.what, one.text) in published):
            continue
        bump = bump_of(target, _before(target, known))
        if problem := removal_problem(one.change, bump):
            text = f"{one.what or one.text} {problem}: {target}"
            yield placed.problem(("kind",), text)
        if one.kind is Sort.DEPRECATED and (target, one.what) in added:
            text = f"{one.what} arrives in {target} and is deprecated already"
            yield placed.problem(("kind",), text)


def _target(one: Fragment, version: Version | None) -> Version | None:
    return parse_version(one.version) if one.version else version


def _before(version: Version, known: Sequence[Version]) -> Version | None:
    """Return the release before a version; of another scheme, the last one there is."""
    same = [one for one in known if one.scheme == version.scheme]
    earlier = max((one for one in same if one < version), default=None)
    return earlier if same else next(iter(known), None)
