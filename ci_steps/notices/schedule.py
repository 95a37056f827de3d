"""By when somebody must have moved, and on which days they are reminded of it."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from ci_steps.notices import stages
from ci_steps.notices.calendars import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECEMBER = 12
_DAY, _WEEK = 1, 7
_SOON_HOURS = 4

LEAD, PROVIDER = "lead", "provider"


@dataclass(frozen=True)
class Due:
    """When a stage is reached."""

    stage: str
    at: datetime


def due_day(today: date, grace_days: int | None = None, calendar: Calendar | None = None) -> date:
    """Return the day *grace_days* after *today*, a calendar month after it without them.

    Where nobody works that day it is the working day before, or the one behind where that has
    passed.
    """
    known = calendar or Calendar()
    day = _month_after(today) if grace_days is None else today + timedelta(days=grace_days)
    before = known.working_day(day, -1)
    return before if before >= today else known.working_day(day, 1)


def reached(
    due: date, calendar: Calendar, now: datetime, *, since: datetime, urgent: bool = False
) -> str:
    """Return the last stage that is reached *now*; what was missed before it stays untold.

    Nothing is reached on the day on which somebody was told, *since* which it counts.
    """
    found = ""
    for one in _urgent(since) if urgent else _reminders(due, calendar):
        if one.at > now:
            break
        if urgent or calendar.day_of(one.at) > calendar.day_of(since):
            found = one.stage
    return found


def following(due: date, calendar: Calendar, now: datetime) -> date:
    """Return the day of the next reminder after *now*."""
    today = calendar.day_of(now)
    days = (calendar.day_of(one.at) for one in _reminders(due, calendar))
    return next(day for day in days if day > today)


def escalation(
    due: date, calendar: Calendar, now: datetime, *, since: datetime, urgent: bool = False
) -> str:
    """Return who else is told by *now*: nobody, the lead, then the provider as well."""
    if urgent:
        first, second = since + timedelta(hours=_SOON_HOURS), since + timedelta(days=_DAY)
    else:
        first = _morning_after(calendar, due, _DAY)
        second = _morning_after(calendar, due, _DAY + _WEEK)
    return PROVIDER if now >= second else LEAD if now >= first else ""


def order(stage: str) -> int:
    """Return where a stage stands in its schedule: a later one is greater; nothing is least."""
    kind = stages.kind_of(stage)
    added = stage.removeprefix(kind).partition("@")[0].strip("+")
    if kind == stages.URGENT:
        number = int(added.rstrip("hd") or 0)
        return number if added.endswith("h") else number * 24
    if kind == stages.OVERDUE:
        return _DAY + int(added or 0)
    if kind in stages.BEFORE_DUE:
        return int(kind.removeprefix("t"))
    return 0 if kind == stages.DUE else -1_000


def _reminders(due: date, calendar: Calendar) -> Iterator[Due]:
    for stage in stages.BEFORE_DUE:
        day = due + timedelta(days=order(stage))
        yield Due(stage, calendar.morning(calendar.working_day(day, -1)))
    yield Due(stages.DUE, calendar.morning(due))
    yield Due(stages.OVERDUE, _morning_after(calendar, due, _DAY))
    for days in count(_WEEK, _WEEK):
        stage = f"{stages.OVERDUE}+{days}"
        yield Due(stage, _morning_after(calendar, due, _DAY + days))


def _urgent(since: datetime) -> Iterator[Due]:
    hours = f"{stages.URGENT}+{_SOON_HOURS}h"
    yield Due(hours, since + timedelta(hours=_SOON_HOURS))
    for days in count(_DAY):
        yield Due(f"{stages.URGENT}+{days}d", since + timedelta(days=days))


def _morning_after(calendar: Calendar, day: date, days: int) -> datetime:
    return calendar.morning(calendar.working_day(day + timedelta(days=days), 1))


def _month_after(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == _DECEMBER else (day.year, day.month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))
