"""Facts -> page: what each stage says, put together from the blocks of `parts`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.notices import stages
from ci_steps.notices.wording import parts, progress_pages
from ci_steps.notices.wording.digests import digest
from ci_steps.notices.wording.end_pages import end_page
from ci_steps.notices.wording.page import CALM, NEWS, NOW, SOON, Page
from ci_steps.notices.wording.parts import names_of, title_of
from ci_steps.notices.wording.spans import Code, Line, Link, Strong, clean, counted, is_link, spoken
from ci_steps.notices.wording.subjects import subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_steps.protocols import Message


def page(message: Message) -> Page:
    """Return what *message* says; the same facts give the same page."""
    write = _PAGES.get(stages.kind_of(message.stage), _asking)
    composed = end_page(message, message.deprecation) if message.deprecation else write(message)
    notes = composed.notes
    if message.meant_for:
        notes = (("A trial: this was meant for ", Strong(clean(message.meant_for)), "."), *notes)
    return replace(composed, notes=notes)


def _asking(message: Message) -> Page:
    """Return a page that asks for something by a day: what all such stages have in common."""
    what = f"Move {names_of(message.obligations)} to {clean(message.to)}"
    limit = parts.deadline(message)
    when = f"{limit.label} {limit.day}" if limit.label == "by" else f"it was due on {limit.day}"
    is_late = limit.label == "due"
    summary = f"{what}, {when}." if is_late else f"{what} {when}."
    return Page(
        subject(message),
        what,
        summary,
        NOW if is_late else SOON,
        _lead(message),
        (
            parts.yours(message),
            parts.breaks(message),
            parts.how(message),
            parts.ending(message),
            parts.time(message),
            *((parts.passed(message),) if message.overridden else ()),
        ),
        _footer(message),
        limit,
        preheader=summary,
    )


def _urgent(message: Message) -> Page:
    asked = _asking(message)
    what = f"Move {names_of(message.obligations)} to {clean(message.to)} now"
    return replace(asked, headline=what, summary=f"URGENT: {what}.", tone=NOW, deadline=None)


def _superseded(message: Message) -> Page:
    asked = _asking(message)
    note: Line = (
        *("This replaces the notice about ", Code(clean(message.replaces)), ": go straight to "),
        *(Code(clean(message.to)), ". Of both dates the earlier one counts."),
    )
    return replace(asked, notes=(note,))


def _escalated(message: Message) -> Page:
    """Return what others than the owner are told of something overdue."""
    asked = _asking(message)
    owners = sorted({one.owner for one in message.obligations if one.owner})
    names = names_of(message.obligations)
    verb = "has" if len(message.obligations) == 1 else "have"
    what = f"{names} {verb} not moved to {clean(message.to)}"
    told = f"{parts.names(owners) or 'Nobody'} was told and reminded"
    note: Line = (f"{told}, and {spoken(message.due)} has passed.",)
    yours = parts.yours(message, "Not moved")
    return replace(
        asked,
        headline=what,
        summary=f"{what}, due on {spoken(message.due)}.",
        tone=NOW,
        notes=(note,),
        blocks=(yours, *asked.blocks[1:3], asked.blocks[4]),
    )


def _unreached(message: Message) -> Page:
    """Return what others are told of owners whom no message reaches."""
    asked = _asking(message)
    names = names_of(message.obligations)
    what = f"Nobody could be told for {names}"
    owners = sorted({one.owner for one in message.obligations if one.owner})
    who = parts.names(owners) or "their owner"
    text = f"No contact of {who} can be reached. Tell them, and correct their contacts."
    note: Line = (text,)
    footer = ((f"You get this because nobody nearer to {names} can be reached.",),)
    blocks = (parts.yours(message, "Not told"), *asked.blocks[1:3])
    return replace(
        asked,
        headline=what,
        summary=f"{what}: they must move to {clean(message.to)} by {spoken(message.due)}.",
        tone=NOW,
        notes=(note,),
        blocks=blocks,
        footer=(*footer, *_footer(message)[1:]),
    )


def _state(message: Message) -> Page:
    """Return the announcement as it is now: how many have moved, or how it ended."""
    if not message.obligations:
        return _done(replace(message, stage=stages.DONE))
    if message.ended:
        return _ENDED[message.ended](message)
    asked = _asking(message)
    total = len(message.obligations) + len(message.moved)
    planned = sum(one.acknowledged is not None for one in message.obligations)
    text = f"{len(message.moved):,} of {total:,} moved"
    text += f" · {planned:,} planned" if planned else ""
    return replace(asked, notes=((Strong(text),),))


def _done(message: Message) -> Page:
    what = parts.outcome(message)
    return _closing(message, what, "Thank you: nothing is left to do about this notice.")


def _withdrawn(message: Message) -> Page:
    what = f"{clean(message.provider)} {clean(message.version)} was withdrawn"
    names = names_of(message.obligations)
    return _closing(
        message,
        what,
        f"It no longer runs in {clean(message.environment)}, and {names} may stay as before: "
        "there is nothing to do. If it comes back, you are told again.",
    )


def _replaced(message: Message) -> Page:
    """Return what stands where a release was announced that a newer one took the place of."""
    what = f"{clean(message.provider)} {clean(message.version)} was replaced"
    text = "What counts for {} is the notice about the newer release."
    return _closing(message, what, text.format(names_of(message.obligations)))


def _closing(message: Message, what: str, text: str) -> Page:
    return Page(
        subject(message), what, f"{what}.", CALM, ((text,),), (), _footer(message), preheader=text
    )


def _tests_failed(message: Message) -> Page:
    release = f"{clean(message.provider)} {clean(message.version)}"
    number = counted(len(message.tests), "test")
    verb = "fails" if len(message.tests) == 1 else "fail"
    lead: Line
    if message.role != "provider":
        lead = (f"{release} is not coming yet: {number} {verb}. There is nothing to do.",)
        what = f"{release} is not coming yet"
        return Page(subject(message), what, lead[0], NEWS, (lead,), (), _footer(message))
    way = f" in {clean(message.environment)}" if message.environment else ""
    way += f" on the way from {clean(message.before)}" if message.before else ""
    lead = (f"{number} of ", Code(release), f" {verb}{way}", *_job(message))
    what = f"{number} of {release} {verb}"
    block = parts.failing(message)
    return Page(subject(message), what, f"{what}.", SOON, (lead,), (block,), _footer(message))


def _tests_fixed(message: Message) -> Page:
    release = f"{clean(message.provider)} {clean(message.version)}"
    what = f"The tests of {release} pass again"
    text: Line = ("What failed before is fixed", *_job(message))
    return Page(subject(message), what, f"{what}.", CALM, (text,), (), _footer(message))


def _overridden(message: Message) -> Page:
    release = f"{clean(message.provider)} {clean(message.version)}"
    gates = counted(len(message.overridden), "gate")
    where = clean(message.environment)
    what = f"{release} passed {gates} of {where} on purpose"
    lead: Line = (
        Code(release),
        f" was let into {where} on {message.at:%Y-%m-%d %H:%M} UTC although {gates} said no",
        *_job(message),
    )
    block = parts.passed(message)
    return Page(subject(message), what, f"{what}.", NEWS, (lead,), (block,), _footer(message))


def _job(message: Message) -> Line:
    url = clean(message.url)
    if not url:
        return (".",)
    return (": ", Link("see the job", url) if is_link(url) else url, ".")


def _lead(message: Message) -> tuple[Line, ...]:
    first: Line = (
        Code(f"{clean(message.provider)} {clean(message.version)}"),
        f" went to {clean(message.environment)} on {message.at:%Y-%m-%d %H:%M} UTC",
        ", and it may break its callers.",
    )
    return (first, *_irreversible(message), *_moved(message))


def _irreversible(message: Message) -> tuple[Line, ...]:
    if not message.is_irreversible:
        return ()
    text = "It changes its database in a way that cannot be undone, so it will not be rolled back."
    return ((text,),)


def _moved(message: Message) -> tuple[Line, ...]:
    if not message.moved:
        return ()
    return ((f"{parts.outcome(message)} already.",),)


# Nothing is asked in these that one could answer.
_TELLING = frozenset(
    {*stages.PROVIDERS, stages.TESTS_FAILED, stages.TESTS_FIXED, stages.OVERRIDDEN}
)
_ROLES = {
    "owner": "{owner} owns what is listed above",
    "lead": "{owner} leads the owners of what is listed above",
    "provider": "{owner} owns {provider}",
}


def _footer(message: Message) -> tuple[Line, ...]:
    why = _ROLES[message.role].format(
        owner=title_of(message.contact_owner), provider=clean(message.provider)
    )
    lines: list[Line] = [(f"You get this because {why}.",)]
    if message.next_on:
        is_early = bool(message.on and message.on <= message.due)
        then = f" After {message.due} {clean(message.next_to)} is told as well."
        said = then if message.next_to and is_early else ""
        lines.append((f"Next reminder: {message.next_on}.{said}",))
    if stages.kind_of(message.stage) in _TELLING:
        return tuple(lines)
    return (*lines, ("Reference ", Code(parts.reference(message))))


def _progress(message: Message) -> Page:
    """Return what the owners of the release see, or how it ended."""
    if message.ended:
        return _ENDED[message.ended](message)
    return progress_pages.progress(message, subject(message), _footer(message))


_ENDED: dict[str, Callable[[Message], Page]] = {
    stages.WITHDRAWN: lambda message: _withdrawn(replace(message, stage=stages.WITHDRAWN)),
    stages.SUPERSEDED: _replaced,
}
_PAGES: dict[str, Callable[[Message], Page]] = {
    stages.URGENT: _urgent,
    stages.SUPERSEDED: _superseded,
    stages.ESCALATED: _escalated,
    stages.STATE: _state,
    stages.UNREACHED: _unreached,
    stages.DONE: _done,
    stages.WITHDRAWN: _withdrawn,
    stages.TESTS_FAILED: _tests_failed,
    stages.TESTS_FIXED: _tests_fixed,
    stages.OVERRIDDEN: _overridden,
    stages.DIGEST: digest,
    **dict.fromkeys(stages.PROVIDERS, _progress),
}
