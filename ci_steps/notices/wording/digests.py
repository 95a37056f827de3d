"""All that one contact is reminded of on a day, the most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.notices.wording import parts
from ci_steps.notices.wording.page import NOW, SOON, Block, Page
from ci_steps.notices.wording.parts import names_of, title_of
from ci_steps.notices.wording.spans import Code, Line, Strong, clean, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Message


def digest(message: Message) -> Page:
    """Return one page over the events of `message.parts`."""
    number = sum(len(one.obligations) for one in message.parts)
    what = f"Move {counted(number)} for {counted(len(message.parts), 'release')}"
    first = message.parts[0]
    limit = parts.deadline(first)
    is_late = limit.label == "due"
    nearest = f"{names_of(first.obligations)} to {clean(first.to)}"
    when = f"was due on {limit.day}" if is_late else f"by {limit.day}"
    summary = f"{what}; the most urgent: {nearest} {when}."
    mark = f"[overdue since {first.due}]" if is_late else f"[action by {first.due}]"
    return Page(
        f"{mark} {counted(len(message.parts), 'release')} in {clean(message.environment)}: "
        f"update {counted(number)}",
        what,
        summary,
        NOW if is_late else SOON,
        (("A reminder of what your services still need that is older than what runs.",),),
        (*map(_part, message.parts), parts.ending(first), _time(message)),
        ((f"You get this because {title_of(message.contact_owner)} owns what is listed above.",),),
        limit,
        preheader=summary,
    )


def _part(one: Message) -> Block:
    limit = parts.deadline(one)
    rest = f" ({limit.rest})" if limit.rest else ""
    word = "due since" if limit.label == "due" else "by"
    rows = parts.yours(one)
    lines: tuple[Line, ...] = ((word, " ", Strong(limit.day), rest),)
    if one.after_due:
        lines = (*lines, (limit.then,))
    about = f"{clean(one.provider)} {clean(one.version)}: move to {clean(one.to)}"
    return Block(
        about,
        lines,
        rows.items,
        rows.columns,
        rows.rows,
        tuple(_links(one)),
        name="part",
    )


def _links(one: Message) -> Iterator[tuple[str, Line]]:
    yield from (pair for pair in parts.how(one).pairs if pair[0] not in ("Ask", "Shipped by"))
    yield "Reference", (Code(parts.reference(one)),)


def _time(message: Message) -> Block:
    first = parts.time(message.parts[0])
    return Block(
        first.title,
        (("With the reference of the release it is about, as here:",),),
        command=first.command,
        name="time",
    )
