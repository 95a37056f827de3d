"""What the owners of a release are told: who has moved, who plans to, and who is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.notices import stages
from ci_steps.notices.wording.page import CALM, NEWS, NOW, Block, Page
from ci_steps.notices.wording.spans import Code, Line, Strong, clean, counted, spoken

if TYPE_CHECKING:
    from ci_steps.model import Obligation
    from ci_steps.protocols import Message


def counts(message: Message) -> str:
    """Return it in one line: ``11 of 14 moved · 2 planned · 1 without an answer``."""
    waiting = message.obligations
    planned = sum(one.acknowledged is not None for one in waiting)
    seen = sum(one.is_seen for one in waiting if not one.acknowledged)
    numbers = ((planned, "planned"), (seen, "seen"))
    silent = (len(waiting) - planned - seen, "without an answer")
    said = [f"{number:,} {word}" for number, word in (*numbers, silent) if number]
    return " · ".join([f"{_moved(message)} moved", *said])


def progress(message: Message, subject: str, footer: tuple[Line, ...]) -> Page:
    """Return how far it is: kept current, or on the day it was due."""
    if not message.obligations:
        return done(message, subject, footer)
    what = f"{_moved(message)} {_have(message)} moved to {clean(message.to)}"
    is_due = stages.kind_of(message.stage) == stages.PROGRESS_DUE
    summary = f"{what}, due on {spoken(message.due)}."
    lead: Line = (
        Code(f"{clean(message.provider)} {clean(message.version)}"),
        f" went to {clean(message.environment)} on {message.at:%Y-%m-%d %H:%M} UTC. ",
        f"Who needs something older is to move by {spoken(message.due)}.",
    )
    closing = "You are told as well of what is overdue." if is_due else "This message"
    closing += "" if is_due else " is kept current."
    return Page(
        subject,
        what,
        summary,
        NOW if is_due else NEWS,
        (lead,),
        (_waiting(message),),
        ((closing,), *footer),
        notes=((Strong(counts(message)),),),
        preheader=summary,
    )


def done(message: Message, subject: str, footer: tuple[Line, ...]) -> Page:
    """Return that everybody has moved, and what may be done now."""
    number = counted(len(message.moved))
    verb = "has" if len(message.moved) == 1 else "have"
    what = f"All have moved to {clean(message.to)}"
    command = Code(f"ci-steps may-retire {clean(message.provider)} LINE")
    text: Line = (
        f"{number} that needed something older in {clean(message.environment)} {verb} moved. ",
        *("Whether an older line may go says ", command, "."),
    )
    return Page(subject, what, f"{what}.", CALM, (text,), (), footer, preheader=what)


def _moved(message: Message) -> str:
    return f"{len(message.moved):,} of {len(message.moved) + len(message.obligations):,}"


def _have(message: Message) -> str:
    return "has" if len(message.moved) == 1 else "have"


def _waiting(message: Message) -> Block:
    return Block(
        f"Not moved yet ({len(message.obligations):,})",
        items=tuple(map(_item, message.obligations)),
        columns=("Service", "Owner", "Needs today", "Answer"),
        rows=tuple(map(_row, message.obligations)),
        name="waiting",
    )


def _row(one: Obligation) -> tuple[Line, ...]:
    owner = clean(one.owner) or "nobody"
    return (Strong(clean(one.dependent)),), (owner,), (Code(clean(one.requirement)),), _answer(one)


def _item(one: Obligation) -> Line:
    name, owner, needs, answer = _row(one)
    return (*name, " of ", *owner, " needs ", *needs, ", ", *answer)


def _answer(one: Obligation) -> Line:
    if one.acknowledged:
        said = clean(one.acknowledged.reason)
        return (f"planned for {one.acknowledged.until}: {said}",)
    return ("seen" if one.is_seen else "no answer yet",)
