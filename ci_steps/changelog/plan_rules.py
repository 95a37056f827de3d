"""What holds for every plan: dates in their order, and no day that moves without a word."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from ci_steps.changelog.document import Amendment, ChangeLog, Item, Kind, Sort, Status
from ci_steps.changelog.history_rules import MOST_SKEW, Wrong
from ci_steps.changelog.plan import status_on
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.changelog.document import Release
    from ci_steps.changelog.forms import Path


def plan_problems(log: ChangeLog, now: datetime) -> Wrong:
    """Yield what is wrong with the plan."""
    first: dict[object, int] = {}
    arrivals = _arrivals(log)
    for at, item in enumerate(log.plan):
        path: Path = ("plan", at)
        if item.is_open and first.setdefault(item.identity, at) != at:
            text = f"{_called(item)} is planned already, in plan[{first[item.identity]}]"
            yield (*path, "subject"), text
        yield from _date_problems(item, path, now)
        yield from _move_problems(item, path, now)
        yield from _status_problems(item, path, log.at.date())
        yield from _arrival_problems(item, arrivals, path)


def _called(item: Item) -> str:
    where = f" in {item.environment}" if item.environment else ""
    return f"the {item.kind.value} {item.subject}{where}"


def _date_problems(item: Item, path: Path, now: datetime) -> Wrong:
    if item.announced > now + MOST_SKEW:
        yield (*path, "announced"), f"{item.announced} is still to come"
    day = item.announced.date()
    for name, named in (("promised", item.promised), ("retire_on", item.retire_on)):
        if named and named < day:
            yield (*path, name), f"{named} is before its announcement on {day}"
    if item.retire_on and item.deprecated > item.retire_on:
        yield (*path, "deprecated"), f"{item.deprecated} is after its end on {item.retire_on}"
    if (item.kind is Kind.LINE) != bool(item.environment):
        needed = "a line ends in one" if item.kind is Kind.LINE else "only a line ends in one"
        yield (*path, "environment"), f"{item.environment!r} is no environment: {needed}"


def _move_problems(item: Item, path: Path, now: datetime) -> Wrong:
    """Follow the day from the first one that was named to the one that counts."""
    day = item.amendments[0].before if item.amendments else item.promised
    named = day or (item.amendments[0].retire_on if item.amendments else None)
    if named != item.promised:
        yield (*path, "promised"), f"{_said(item.promised)}, and the first day was {_said(named)}"
    last = item.announced
    for at, moved in enumerate(item.amendments):
        where: Path = (*path, "amendments", at)
        if moved.before != day:
            text = f"{_said(moved.before)}, and the day was {_said(day)} by then"
            yield (*where, "before"), text
        yield from _amendment_problems(moved, where, last, now)
        day, last = moved.retire_on, moved.at
    if item.retire_on != day:
        yield (*path, "retire_on"), _unsaid(day, item.retire_on)


def _amendment_problems(moved: Amendment, path: Path, last: datetime, now: datetime) -> Wrong:
    if moved.at > now + MOST_SKEW:
        yield (*path, "at"), f"{moved.at} is still to come"
    elif moved.at < last:
        yield (*path, "at"), f"{moved.at} is before {last}, when the day was named last"
    if moved.retire_on < moved.at.date():
        yield (*path, "retire_on"), f"{moved.retire_on} had passed by then"
    if moved.before and moved.retire_on < moved.before and not moved.urgent:
        text = f"{moved.retire_on} is earlier than {moved.before}, which was promised"
        yield (*path, "retire_on"), f"{text}: only what is urgent comes earlier"


def _unsaid(before: date | None, now: date | None) -> str:
    moved = f"the day moved from {_said(before)} to {_said(now)}"
    if before and now and now < before:
        return f"{moved}, earlier, and no amendment says that it is urgent"
    return f"{moved}, and no amendment says why"


def _said(day: date | None) -> str:
    return str(day) if day else "no day"


def _status_problems(item: Item, path: Path, today: date) -> Wrong:
    expected = status_on(item, today, retired=item.status is Status.RETIRED)
    if item.status is not expected:
        text = f"{item.status.value!r} is not so on {today}: it is {expected.value}"
        yield (*path, "status"), text


def _arrival_problems(
    item: Item, arrivals: Mapping[tuple[Kind, str], Release], path: Path
) -> Wrong:
    """Nothing arrives already deprecated: what is planned to end was there before."""
    key = (Kind.LINE, item.subject) if item.kind is Kind.LINE else (Kind.OPERATION, item.subject)
    arrived = arrivals.get(key)
    if arrived and arrived.at >= item.announced:
        text = f"{_called(item)} arrived with {arrived.version}, and was deprecated already"
        yield (*path, "announced"), text


def _arrivals(log: ChangeLog) -> dict[tuple[Kind, str], Release]:
    """Return with which release each line began, and each thing was added the last time."""
    found: dict[tuple[Kind, str], Release] = {}
    for release in log.history:
        found[Kind.LINE, parse_version(release.version).line] = release
        for change in release.changes:
            if change.sort is Sort.ADDED and change.what:
                found.setdefault((Kind.OPERATION, change.what), release)
    return found
