"""What a decision about the end of a line rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum

from ci_steps.protocols import Usage


class Policy(Enum):
    """When a line that nobody live needs may go."""

    AT_ONCE = "at_once"
    AFTER_QUIET = "after_quiet"
    MANUAL = "manual"


@dataclass(frozen=True)
class Rules:
    """What the owner of a line promises: how long it must be quiet, how early it is told."""

    policy: Policy = Policy.AFTER_QUIET
    quiet: timedelta = timedelta(days=30)
    notice: timedelta = timedelta(days=30)

    @property
    def window(self) -> timedelta:
        """Return how long nobody must have called."""
        return timedelta(0) if self.policy is Policy.AT_ONCE else self.quiet


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
    newer lines that are.
    """

    service: str
    line: str
    environment: str
    at: datetime
    rules: Rules = Rules()
    hold: str = ""
    urgent: str = ""
    approval: Approval | None = None
    successors: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    declared_by: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    announcement: Announcement = Announcement()
    has_callers_outside: bool = False
