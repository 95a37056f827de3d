"""Facts -> page: what is said about the end of a line, from its announcement to 410 Gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.notices import stages
from ci_steps.notices.wording import parts
from ci_steps.notices.wording.page import CALM, NOW, SOON, Block, Page
from ci_steps.notices.wording.parts import names_of, title_of
from ci_steps.notices.wording.spans import Code, Line, Strong, clean, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Deprecation, Message

_LIMIT = 120


def end_page(message: Message, told: Deprecation) -> Page:
    """Return what *message* says about an end; the same facts give the same page."""
    kind = stages.kind_of(message.stage)
    if stages.WITHDRAWN in {kind, message.ended}:
        return _closing(message, f"{_what(message)} stays", _STAYS)
    if kind == stages.DONE or message.ended:
        return _closing(message, f"{_what(message)} is switched off", _GONE)
    return _asking(message, told, kind)


_STAYS = "The announcement of its end was withdrawn: there is nothing to do. {who} may stay."
_GONE = "It answers every call with 410 Gone from now on, and names its successor. {who} was told."


def _asking(message: Message, told: Deprecation, kind: str) -> Page:
    what = f"Move {names_of(message.obligations)} off {_what(message)}"
    limit = parts.deadline(message) if told.retire_on else None
    is_late = limit is not None and limit.label == "due"
    if limit is None:
        when = "; no day was named yet"
    elif is_late:
        when = f": it was to end on {limit.day}"
    else:
        when = f" by {limit.day}"
    summary = f"{what}{when}."
    return Page(
        _subject(message, told, is_late=is_late),
        what,
        summary,
        NOW if is_late else SOON,
        tuple(_lead(message, told, kind)),
        tuple(_blocks(message, told)),
        _footer(message),
        limit,
        preheader=summary,
    )


def _what(message: Message) -> str:
    return clean(message.to)


def _subject(message: Message, told: Deprecation, *, is_late: bool) -> str:
    where = f"{_what(message)} in {clean(message.environment)}"
    names = names_of(message.obligations)
    if told.retire_on is None:
        mark = "deprecated"
    else:
        mark = f"{'overdue since' if is_late else 'action by'} {told.retire_on}"
    return clean(f"[{mark}] {where} will be switched off: update {names}")[:_LIMIT]


def _lead(message: Message, told: Deprecation, kind: str) -> Iterator[Line]:
    line, where = Code(_what(message)), clean(message.environment)
    if kind == stages.AMENDED:
        day = spoken(told.retire_on) if told.retire_on else "a day that is still to be named"
        moved = f" in {where} was moved to "
        yield ("The end of ", line, moved, Strong(day), _because(told.amended))
    elif kind == stages.BROWN_OUT:
        yield ("Before its end ", line, f" in {where} refuses all calls for a while, on purpose.")
    else:
        on = f" on {spoken(told.retire_on)}" if told.retire_on else ""
        yield (line, f" will be switched off in {where}{on}", _because(told.reason))


def _because(reason: str) -> str:
    return f": {clean(reason).rstrip('.')}." if reason else "."


def _blocks(message: Message, told: Deprecation) -> Iterator[Block]:
    rows = tuple(_row(message, one.dependent, one.requirement) for one in message.obligations)
    yield Block(
        f"Yours to update ({len(rows):,})",
        items=tuple((*name, ": ", *why) for name, why in rows),
        columns=("Service", "Why"),
        rows=rows,
        name="yours",
    )
    if told.windows:
        refused = tuple((Strong(str(one)), f", with {one.status}") for one in told.windows)
        text = "All calls are refused on purpose, so that whoever still calls finds out:"
        yield Block("Planned refusals", ((text,),), refused, name="brown-outs")
    successors = ", ".join(map(clean, told.successors)) or "none yet"
    pairs: list[tuple[str, Line]] = [("Runs beside it", (Code(successors),))]
    yield Block("How to move", pairs=(*pairs, ("Ask", parts.asked(message))), name="how")
    yield Block("When you are done", tuple(_done(message, told)), name="ending")


def _row(message: Message, dependent: str, requirement: str) -> tuple[Line, Line]:
    name: Line = (Strong(clean(dependent)),)
    if requirement:
        return name, ("declares that it needs ", Code(clean(requirement)))
    return name, ("was seen calling ", Code(_what(message)), ", and does not declare that")


def _done(message: Message, told: Deprecation) -> Iterator[Line]:
    yield (
        *("Nothing to report: need a newer line under ", Code("depends_on"), " in the "),
        *(Code("ci-steps.yaml"), " of each service and deploy it to "),
        f"{clean(message.environment)}. This notice then closes by itself.",
    )
    if told.seen_calling:
        yield ("Of what does not declare it, only calls by that name are known.",)
    yield ("More time: ask those who own it; they can move the day to a later one.",)


def _closing(message: Message, what: str, text: str) -> Page:
    said = text.format(who=names_of(message.obligations))
    subject = f"[nothing to do] {what} in {clean(message.environment)}"
    return Page(
        subject[:_LIMIT], what, f"{what}.", CALM, ((said,),), (), _footer(message), preheader=said
    )


def _footer(message: Message) -> tuple[Line, ...]:
    who = title_of(message.contact_owner)
    return (
        (f"You get this because {who} owns {names_of(message.obligations)}.",),
        ("Reference ", Code(clean(f"end of {message.to}/{message.environment}"))),
    )
