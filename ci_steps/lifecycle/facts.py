"""What a decision about the end of a line rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone

from ci_steps.usage import Guess, Rules, Usage


@dataclass(frozen=True)
class Approval:
    """Somebody answers for the end of the line."""

    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Announcement:
    """That a line will end was told to its dependents; `retire_on` begins at 00:00 UTC."""

    announced: datetime | None = None
    retire_on: date | None = None

    @property
    def ends(self) -> datetime | None:
        """The moment at which the day begins."""
        day = self.retire_on
        return datetime(day.year, day.month, day.day, tzinfo=timezone.utc) if day else None


@dataclass(frozen=True)
class Facts:
    """Everything a decision about one line rests on, as it was `at` one moment.

    `hold` and `urgent` are reasons that people gave. `needed_by` are live dependents,
    `declared_by` services that need the line and are not live, `successors` the versions of
    newer lines that are. `step` is the last one that was taken of its end. `guesses` are the
    services that callers probably are, by their names.
    """

    service: str
    line: str
    environment: str
    at: datetime
    rules: Rules = field(default_factory=Rules)
    hold: str = ""
    urgent: str = ""
    approval: Approval | None = None
    successors: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    declared_by: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    announcement: Announcement = field(default_factory=Announcement)
    step: str = ""
    guesses: Mapping[str, Guess] = field(default_factory=dict)
