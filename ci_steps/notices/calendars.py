"""When people work: their time zone, weekends, holidays and quiet hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# A machine that does not know this one has no time zones at all.
KNOWN_EVERYWHERE = "Europe/Berlin"
_SATURDAY = 5
_MOST_DAYS_OFF = 90
_MOST_DAYS_OF_ONE = 366
_NINE, _SEVENTEEN = time(9), time(17)
# RFC 5545: DTSTART of an event, a day or a day and a time; a long line is folded.
_FOLD = re.compile(r"\r?\n[ \t]")
_EVENT = re.compile(r"BEGIN:VEVENT\r?\n(.*?)END:VEVENT", re.DOTALL)
_DAY = re.compile(r"^(DTSTART|DTEND)[^:\r\n]*:(\d{8})", re.MULTILINE)


@dataclass(frozen=True)
class Calendar:
    """When the people of one time zone can be told something."""

    zone: tzinfo = timezone.utc
    holidays: frozenset[date] = frozenset()
    opens: time = _NINE
    closes: time = _SEVENTEEN

    def is_working(self, day: date) -> bool:
        """Return whether people work that day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def working_day(self, day: date, step: int) -> date:
        """Return the nearest working day from *day* on, forwards (1) or backwards (-1)."""
        for _ in range(_MOST_DAYS_OFF):
            if self.is_working(day):
                return day
            day += timedelta(days=step)
        return day  # who has a quarter of a year off cannot be waited for

    def day_of(self, at: datetime) -> date:
        """Return which day it is here."""
        return at.astimezone(self.zone).date()

    def morning(self, day: date) -> datetime:
        """Return when that day's work begins; clocks may change that night."""
        return datetime.combine(day, self.opens, self.zone).astimezone(timezone.utc)

    def when_awake(self, at: datetime) -> datetime:
        """Return *at*, or when the next work begins where that is in quiet hours."""
        here = at.astimezone(self.zone)
        if self.is_working(here.date()) and self.opens <= here.time() < self.closes:
            return at
        day = here.date() if here.time() < self.opens else here.date() + timedelta(days=1)
        return self.morning(self.working_day(day, 1))


@dataclass(frozen=True)
class Calendars:
    """The calendars of a company: holidays of all, and of those in some time zones."""

    time_zone: str = "UTC"
    holidays: frozenset[date] = frozenset()
    holidays_in: Mapping[str, frozenset[date]] = field(default_factory=dict)
    opens: time = _NINE
    closes: time = _SEVENTEEN

    def of(self, time_zone: str) -> Calendar:
        """Return the calendar of a time zone; of one nobody knows, that of the company."""
        name = time_zone if zone(time_zone) else self.time_zone
        days = self.holidays | self.holidays_in.get(name, frozenset())
        return Calendar(zone(name) or timezone.utc, days, self.opens, self.closes)


def zone(name: str) -> tzinfo | None:
    """Return a time zone of the tz database, or None."""
    if name == "UTC":
        return timezone.utc
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def days_of_ics(text: str) -> frozenset[date]:
    """Return the days of all events of an iCalendar file; the end of one is not part of it.

    Events that repeat count once: such files list every year.
    """
    found: set[date] = set()
    for event in _EVENT.findall(_FOLD.sub("", text)):
        marks = {name: _date(digits) for name, digits in _DAY.findall(event)}
        first = marks.get("DTSTART")
        if first is None:
            continue
        last = marks.get("DTEND") or first + timedelta(days=1)
        days = max(1, min((last - first).days, _MOST_DAYS_OF_ONE))
        found.update(first + timedelta(days=number) for number in range(days))
    return frozenset(found)


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
