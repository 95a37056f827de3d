"""Who calls a line, and how quiet it must be before it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True)
class UsageQuestion:
    """Who called *line* of *service* in *environment* from `since` up to `at`."""

    service: str
    line: str
    environment: str
    since: datetime
    at: datetime


@dataclass(frozen=True)
class Caller:
    """Who called a line, how often as far as that was counted, and when for the last time."""

    name: str
    calls: int = 0
    last_call: datetime | None = None


@dataclass(frozen=True)
class Guess:
    """The service that a caller probably is, and its owner, nothing where nobody owns it."""

    service: str
    owner: str = ""


@dataclass(frozen=True)
class Usage:
    """What one source, such as a Prometheus, saw of the calls of a line.

    From `observed_since` on every call would have been seen; None where nothing was observed,
    and `problem` says why. No `last_call` means that nobody called since then, and never that
    nobody looked. `note` is for whoever decides: what the answer leaves out.
    """

    source: str = ""
    observed_since: datetime | None = None
    last_call: datetime | None = None
    callers: tuple[Caller, ...] = ()
    problem: str = ""
    note: str = ""


class Policy(Enum):
    """When a line that nobody live needs may go."""

    AT_ONCE = "at_once"
    AFTER_QUIET = "after_quiet"
    MANUAL = "manual"


@dataclass(frozen=True)
class Rules:
    """What the owner of a line promises: how long it must be quiet, how early it is told.

    `callers_outside` are those who are in no dictionary, such as customers.
    """

    policy: Policy = Policy.AFTER_QUIET
    quiet: timedelta = timedelta(days=30)
    notice: timedelta = timedelta(days=30)
    callers_outside: bool = False

    @property
    def window(self) -> timedelta:
        """Return how long nobody must have called."""
        return timedelta(0) if self.policy is Policy.AT_ONCE else self.quiet
