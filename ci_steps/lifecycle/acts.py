"""What people decided about the end of a line: acts that are only ever added.

How a line stands is what all acts about it come to, one after the other. An act that fits
nothing, such as the end of a hold that nobody has put on, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum

from ci_steps.errors import RefusedError
from ci_steps.lifecycle.facts import Announcement, Approval


class Kind(Enum):
    """What somebody decided."""

    ANNOUNCE = "announce"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    UNHOLD = "unhold"
    URGENT = "urgent"
    CALM = "calm"
    APPROVE = "approve"
    REVOKE = "revoke"


@dataclass(frozen=True)
class Act:
    """One decision: who made it, when and why; `retire_on` is the day it names, if it does."""

    kind: Kind
    at: datetime
    by: str
    reason: str
    retire_on: date | None = None


@dataclass(frozen=True)
class Standing:
    """How a line stands after some acts."""

    announcement: Announcement = field(default_factory=Announcement)
    hold: str = ""
    urgent: str = ""
    approval: Approval | None = None


def standing(acts: Iterable[Act]) -> Standing:
    """Return how a line stands after *acts*, the oldest first."""
    found = Standing()
    for act in acts:
        found = _AFTER[act.kind](found, act)
    return found


def check(before: Standing, act: Act) -> None:
    """Raise RefusedError, with what to do, if *act* does not fit how the line stands."""
    if act.retire_on and act.retire_on < act.at.date():
        raise RefusedError(f"{act.retire_on} has passed", hint="Name a day that is to come.")
    missing, needed = _NEEDS.get(act.kind, ("", lambda one: True))
    if not needed(before):
        raise RefusedError(missing, hint="ci-steps retirement show says how it stands.")
    if act.kind is Kind.AMEND:
        _check_amendment(before, act)


def _check_amendment(before: Standing, act: Act) -> None:
    promised = before.announcement.retire_on
    if act.retire_on is None:
        raise RefusedError("an amendment names a day", hint="Give it with --on.")
    if promised and act.retire_on < promised and not before.urgent:
        raise RefusedError(
            f"{act.retire_on} is earlier than {promised}, which was promised",
            hint="Only what is urgent comes earlier: say first that it is.",
        )


_NEEDS: dict[Kind, tuple[str, Callable[[Standing], bool]]] = {
    Kind.ANNOUNCE: (
        "it was announced already: amend the day, or withdraw the announcement",
        lambda one: one.announcement.announced is None,
    ),
    Kind.AMEND: ("it was not announced", lambda one: one.announcement.announced is not None),
    Kind.WITHDRAW: ("it was not announced", lambda one: one.announcement.announced is not None),
    Kind.UNHOLD: ("it is not on hold", lambda one: bool(one.hold)),
    Kind.CALM: ("it is not urgent", lambda one: bool(one.urgent)),
    Kind.REVOKE: ("nobody has approved it", lambda one: one.approval is not None),
}

_AFTER: dict[Kind, Callable[[Standing, Act], Standing]] = {
    Kind.ANNOUNCE: lambda one, act: replace(one, announcement=Announcement(act.at, act.retire_on)),
    Kind.AMEND: lambda one, act: replace(
        one, announcement=replace(one.announcement, retire_on=act.retire_on)
    ),
    # What was approved was the end as it was announced.
    Kind.WITHDRAW: lambda one, act: replace(one, announcement=Announcement(), approval=None),
    Kind.HOLD: lambda one, act: replace(one, hold=act.reason),
    Kind.UNHOLD: lambda one, act: replace(one, hold=""),
    Kind.URGENT: lambda one, act: replace(one, urgent=act.reason),
    Kind.CALM: lambda one, act: replace(one, urgent=""),
    Kind.APPROVE: lambda one, act: replace(one, approval=Approval(act.by, act.at, act.reason)),
    Kind.REVOKE: lambda one, act: replace(one, approval=None),
}
