"""Versions such as ``201610.2`` or ``20161005``: a month or a day, and a bugfix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from ci_steps.versions import reading
from ci_steps.versions.bump import Bump
from ci_steps.versions.version import Version

if TYPE_CHECKING:
    from typing_extensions import Self

_SHAPE = re.compile(r"([0-9]{6}|[0-9]{8})(?:\.([0-9]+))?")


def looks_like_calver(text: str) -> bool:
    """Return whether *text* is read as a date, even if no calendar has it.

    ``201613.1`` could be read as the 201,613th main version of something; that it is a slip
    of the pen is far likelier. Who means it writes ``201613.1.0`` or, for a line, ``v201613``.
    """
    return _SHAPE.fullmatch(text) is not None


@dataclass(frozen=True, eq=False)
class CalVersion(Version):
    """The second bugfix of October 2016, or what was released on 5 October 2016.

    Months and days are two schemes. A bugfix that is not written is bugfix 0.
    """

    example: ClassVar[str] = "201610.2"
    first_bugfix: ClassVar[int] = 0
    widths: ClassVar[tuple[int, ...]] = (22, 41)

    written: str
    date_digits: str
    day: date
    bugfix: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``yyyymm`` or ``yyyymmdd``, and a bugfix if there is one."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            raise reading.UnreadableError("expected yyyymm or yyyymmdd, and perhaps .<bugfix>")
        digits, bugfix = match.groups(default="0")
        return cls(text, digits, reading.first_day(digits), reading.number(bugfix))

    @cached_property
    def scheme(self) -> str:
        """A month is neither before nor after one of its days."""
        return "calver-month" if self._is_month else "calver-day"

    @property
    def line(self) -> str:
        """Callers address the service: there is no main version."""
        return "calver"

    @property
    def floor(self) -> str:
        """Any bugfix of the same date, for a later date may have broken something."""
        return self.date_digits

    @cached_property
    def slots(self) -> tuple[int, ...]:
        """Day or first day of the month, bugfix."""
        return (self.day.toordinal(), self.bugfix)

    @property
    def slot_bumps(self) -> tuple[Bump, ...]:
        """Whether a new date breaks is a question for the contracts."""
        return (Bump.MAY_BREAK, Bump.BUGFIX)

    @property
    def first_day(self) -> date:
        """The day in the version, or the first day of its month."""
        return self.day

    def written_next(self, bump: Bump, today: date) -> str:
        """Return a new bugfix or, for all that is larger, a new date."""
        if bump is Bump.PRERELEASE:
            raise reading.UnreadableError("calver versions have no prereleases")
        if bump is Bump.BUGFIX:
            return f"{self.date_digits}.{self.bugfix + 1}"
        if self._is_month:
            # 31 days after the first of a month lies in the next month, always.
            return f"{max(today, self.day + timedelta(days=31)):%Y%m}"
        return f"{max(today, self.day + timedelta(days=1)):%Y%m%d}"

    @property
    def _is_month(self) -> bool:
        return len(self.date_digits) == len("yyyymm")
