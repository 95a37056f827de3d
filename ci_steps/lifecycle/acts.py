"""What people decided about the end of a line: acts that are only ever added.

How a line stands is what all acts about it come to, one after the other. An act that fits
nothing, such as the end of a hold that nobody has put on, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum

from ci_steps.endings import Window
from ci_steps.errors import RefusedError
from ci_steps.lifecycle.facts import Announcement, Approval


class Kind(Enum):
    """What somebody decided, or did: the last six are what `ci-steps retire` does."""

    ANNOUNCE = "announce"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    UNHOLD = "unhold"
    URGENT = "urgent"
    CALM = "calm"
    APPROVE = "approve"
    REVOKE = "revoke"
    HEADERS = "headers"
    BROWN_OUT = "brown-out"
    DRAINED = "drained"
    GONE = "gone"
    REMOVED = "removed"
    UNDO = "undo"


# The steps of an end, each of which the one behind it takes for done; refusals that nobody
# has planned can be left out.
STEPS = (Kind.HEADERS, Kind.BROWN_OUT, Kind.DRAINED, Kind.GONE, Kind.REMOVED)


@dataclass(frozen=True)
class Act:
    """One decision: who made it, when and why; `retire_on` is the day it names, if it does.

    A step has in `because` the answer that it rests on, and a brown-out its `windows`.
    """

    kind: Kind
    at: datetime
    by: str
    reason: str
    retire_on: date | None = None
    because: str = ""
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a line stands after some acts; `steps` are those that were taken and not undone."""

    announcement: Announcement = field(default_factory=Announcement)
    hold: str = ""
    urgent: str = ""
    approval: Approval | None = None
    steps: tuple[Act, ...] = ()

    @property
    def step(self) -> Kind | None:
        """Return the last step that was taken."""
        return self.steps[-1].kind if self.steps else None

    @property
    def windows(self) -> tuple[Window, ...]:
        """Return the planned refusals."""
        return next((act.windows for act in self.steps if act.kind is Kind.BROWN_OUT), ())

    def taken(self, kind: Kind) -> Act | None:
        """Return when and by whom a step was taken, if it was."""
        return next((act for act in self.steps if act.kind is kind), None)


def following(step: Kind | None) -> Kind | None:
    """Return the step behind *step*; the first one behind nothing, nothing behind the last."""
    place = STEPS.index(step) + 1 if step else 0
    return STEPS[place] if place < len(STEPS) else None


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
    if act.kind in STEPS:
        _check_step(before, act.kind)
    if act.kind is Kind.WITHDRAW and before.step:
        raise RefusedError(
            f"it is {before.step.value} already", hint="Undo that first: ci-steps retire … --undo."
        )
    if act.kind is Kind.UNDO and before.step is Kind.REMOVED:
        raise RefusedError(
            "its image is removed: nothing of it comes back", hint="Release it as a newer line."
        )


def _check_step(before: Standing, kind: Kind) -> None:
    allowed = following(before.step)
    if before.step and STEPS.index(kind) <= STEPS.index(before.step):
        raise RefusedError(
            f"it is {kind.value} already" if kind is before.step else f"it is {before.step.value}",
            hint="--undo goes back one step.",
        )
    if kind is not allowed and (allowed, kind) != (Kind.BROWN_OUT, Kind.DRAINED):
        missing = allowed.value if allowed else ""
        raise RefusedError(f"{missing} comes before {kind.value}", hint=f"Say: --to {kind.value}.")


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
    Kind.UNDO: ("there is no step to undo", lambda one: bool(one.steps)),
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
    **dict.fromkeys(STEPS, lambda one, act: replace(one, steps=(*one.steps, act))),
    Kind.UNDO: lambda one, act: replace(one, steps=one.steps[:-1]),
}
