"""The versions of a service, in the order in which they were released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from random import Random
from typing import NamedTuple

BEGIN = datetime(2013, 1, 7, 9, tzinfo=timezone.utc)
YEARS_DAYS = 1800

# Shares of services with a scheme; the rest is dated.
_SEMVER, _CALVER = 0.75, 0.1
_MAJORS = ((0.2, 0.7), (0.5, 0.5))  # when in its history, and how likely
_LATE_MAJOR = 0.04
_LATE = 0.8
_FEATURE = 0.25
_NEW_DATE = 0.3


class Released(NamedTuple):
    """A version and when it was released."""

    label: str
    at: datetime


def history(random: Random, length: int) -> tuple[list[Released], int]:
    """Return *length* releases, and the place of a late major, which keeps the line before it.

    The place is 0 where there is none.
    """
    days = [
        BEGIN + timedelta(days=YEARS_DAYS * place / length, minutes=random.randrange(1440))
        for place in range(length)
    ]
    late = int(length * _LATE) if random.random() < _LATE_MAJOR else 0
    majors = {int(length * when) for when, chance in _MAJORS if random.random() < chance} | {late}
    kind = random.random()
    if kind < _SEMVER:
        labels = _semver(random, length, majors)
    elif kind < _SEMVER + _CALVER:
        # A calver service has one line.
        return list(map(Released, _calver(random, days), days)), 0
    else:
        labels = _dated(random, days, majors)
    return list(map(Released, labels, days)), late


def _semver(random: Random, length: int, majors: set[int]) -> Iterator[str]:
    major, minor, patch = 1, 0, -1
    for place in range(length):
        if place and place in majors:
            major, minor, patch = major + 1, 0, 0
        elif random.random() < _FEATURE:
            minor, patch = minor + 1, 0
        else:
            patch += 1
        yield f"{major}.{minor}.{patch}"


def _dated(random: Random, days: list[datetime], majors: set[int]) -> Iterator[str]:
    main, day, bugfix = 1, days[0], 0
    for place, today in enumerate(days):
        if place and place in majors:
            main, day, bugfix = main + 1, today, 1
        elif random.random() < _NEW_DATE:
            day, bugfix = today, 1
        else:
            bugfix += 1
        yield f"v{main}_{day:%Y%m%d}-{bugfix}"


def _calver(random: Random, days: list[datetime]) -> Iterator[str]:
    day, bugfix = days[0], -1
    for today in days:
        if random.random() < _NEW_DATE and f"{today:%Y%m}" != f"{day:%Y%m}":
            day, bugfix = today, 0
        else:
            bugfix += 1
        yield f"{day:%Y%m}.{bugfix}" if bugfix else f"{day:%Y%m}"
