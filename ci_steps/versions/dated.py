"""Versions such as ``v1_20171001-2``: main version, day, bugfix."""

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


@dataclass(frozen=True, eq=False)
class DatedVersion(Version):
    """Main version 1 of 1 October 2017, bugfix 2.

    Only a new bugfix promises that nothing a dependent relies on has gone; a new date of
    the same main version may break, a new main version does.
    """

    example: ClassVar[str] = "v1_20171001-2"
    first_bugfix: ClassVar[int] = 1
    widths: ClassVar[tuple[int, ...]] = (24, 22, 17)
    _pattern: ClassVar[re.Pattern[str]] = re.compile(r"v([0-9]+)_([0-9]{8})-([0-9]+)")

    written: str
    main: int
    day: date
    bugfix: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``v<main>_<yyyymmdd>-<bugfix>``."""
        match = cls._pattern.fullmatch(text)
        if match is None:
            raise reading.UnreadableError("expected v<main>_<yyyymmdd>-<bugfix>")
        main, day, bugfix = match.groups()
        return cls(text, reading.number(main), reading.first_day(day), reading.number(bugfix))

    @property
    def scheme(self) -> str:
        """All dated versions are comparable."""
        return "dated"

    @property
    def line(self) -> str:
        """The main version."""
        return str(self.main)

    @property
    def floor(self) -> str:
        """Any bugfix of the same day, for a later day may have broken something."""
        return f"v{self.main}_{self.day:%Y%m%d}"

    @cached_property
    def slots(self) -> tuple[int, ...]:
        """Main version, day, bugfix."""
        return (self.main, self.day.toordinal(), self.bugfix)

    @property
    def slot_bumps(self) -> tuple[Bump, ...]:
        """Whether a new date breaks is a question for the contracts."""
        return (Bump.MAJOR, Bump.MAY_BREAK, Bump.BUGFIX)

    @property
    def first_day(self) -> date:
        """The day in the version."""
        return self.day

    def written_next(self, bump: Bump, today: date) -> str:
        """Return a new bugfix, a new day or a new main version."""
        if bump is Bump.PRERELEASE:
            raise reading.UnreadableError("dated versions have no prereleases")
        if bump is Bump.BUGFIX:
            return f"{self.floor}-{self.bugfix + 1}"
        if bump is Bump.MAJOR:
            return f"v{self.main + 1}_{max(today, self.day):%Y%m%d}-{self.first_bugfix}"
        # Not today itself if the version is of today: it would not be later.
        day = max(today, self.day + timedelta(days=1))
        return f"v{self.main}_{day:%Y%m%d}-{self.first_bugfix}"
