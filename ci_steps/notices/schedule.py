"""By when somebody must have moved: a month by default, on a working day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

_SATURDAY = 5
_DECEMBER = 12


def due_day(today: date, grace_days: int | None = None) -> date:
    """Return the day *grace_days* after *today*, a calendar month after it without them.

    On a weekend it is the working day before, or the one behind where that has passed.
    Holidays are not known.
    """
    day = _month_after(today) if grace_days is None else today + timedelta(days=grace_days)
    before = _working_day(day, -1)
    return before if before >= today else _working_day(day, 1)


def _month_after(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == _DECEMBER else (day.year, day.month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _working_day(day: date, step: int) -> date:
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=step)
    return day
