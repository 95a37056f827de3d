"""The blocks that pages are made of; every stage uses the same ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ci_steps.notices.wording.code_hosts import line_url
from ci_steps.notices.wording.page import Block, Deadline
from ci_steps.notices.wording.spans import (
    Code,
    Line,
    Link,
    Strong,
    clean,
    counted,
    is_link,
    listed,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_steps.comparisons.changes import Change
    from ci_steps.model import Obligation, Owner
    from ci_steps.protocols import Broken, Message

MOST_ITEMS = 10
_NAMED = 3  # services that a sentence names
_MORE_TIME = timedelta(days=21)
_NEXT = 1


def names_of(obligations: Iterable[Obligation]) -> str:
    """Return up to three services by name, and more as their number."""
    return names([one.dependent for one in obligations])


def names(all_names: Iterable[str]) -> str:
    """Return up to three names, and more as their number."""
    found = [clean(one) for one in all_names]
    return listed(found) if len(found) <= _NAMED else counted(len(found))


def outcome(message: Message) -> str:
    """Return what has become of those that have nothing left to do: moved, or run no more."""
    there = [one.dependent for one in message.moved if one.dependent not in message.gone]
    gone = [one.dependent for one in message.moved if one.dependent in message.gone]
    said = []
    if there:
        said.append(f"{names(there)} {'has' if len(there) == 1 else 'have'} moved to {message.to}")
    if gone:
        verb = "runs" if len(gone) == 1 else "run"
        said.append(f"{names(gone)} {verb} no more in {message.environment}")
    return clean(", and ".join(said))


def title_of(owner: Owner | None) -> str:
    """Return an owner as people call it."""
    return clean(owner.title or owner.name) if owner else ""


def reference(message: Message) -> str:
    """Return what the notice is called: ``auth-2/production/gis-team``."""
    owner = message.obligations[0].owner if message.obligations else ""
    name = owner or message.contact_owner.name
    return clean(f"{message.to}/{message.environment}/{name}")


def deadline(message: Message) -> Deadline:
    """Return the day, how far it is, and what happens then if the release says so."""
    left = (message.due - message.on).days if message.on else 0
    if not message.on:
        rest = ""
    elif left in (-1, 0, _NEXT):
        rest = {-1: "yesterday", 0: "today", 1: "tomorrow"}[left]
    else:
        rest = counted(abs(left), "day") + (" ago" if left < 0 else "")
    return Deadline("due" if left < 0 else "by", spoken(message.due), rest, _then(message))


def _then(message: Message) -> str:
    return f"That day {clean(message.after_due).rstrip('.')}." if message.after_due else ""


def yours(message: Message, title: str = "Yours to update") -> Block:
    """Return the services it is about, what they need and where they say so."""
    rows = tuple(_row(one, message) for one in message.obligations)
    places = any(one.repository or one.place for one in message.obligations)
    planned = any(one.acknowledged for one in message.obligations)
    columns = ["Service", "Needs today", "Move to"]
    columns += ["Declared in"] * places + ["Planned for"] * planned
    return Block(
        f"{title} ({len(rows):,})",
        items=tuple(_item(one) for one in message.obligations),
        columns=tuple(columns),
        rows=tuple(
            (*row, *((_declared(one),) if places else ()), *((_planned(one),) if planned else ()))
            for row, one in zip(rows, message.obligations, strict=True)
        ),
        name="yours",
    )


def _row(one: Obligation, message: Message) -> tuple[Line, ...]:
    to = (Code(clean(message.to)),)
    return (Strong(clean(one.dependent)),), (Code(clean(one.requirement)),), to


def _item(one: Obligation) -> Line:
    line: Line = (Strong(clean(one.dependent)), " needs ", Code(clean(one.requirement)))
    if one.repository or one.place:
        line = (*line, ", in ", *_declared(one))
    if one.acknowledged:
        line = (*line, ", planned for ", *_planned(one))
    return line


def _declared(one: Obligation) -> Line:
    place, repository = clean(one.place), clean(one.repository)
    url = line_url(repository, one.commit, place)
    if is_link(url):
        return (Link(place, url),)
    where: Line = (Link(repository, repository),) if is_link(repository) else (repository,)
    if place and repository:
        return (Code(place), " of ", *where)
    return (Code(place),) if place else where


def _planned(one: Obligation) -> Line:
    return (str(one.acknowledged.until),) if one.acknowledged else ()


def breaks(message: Message) -> Block:
    """Return what breaks for these services, or that nobody knows; nothing of it is a guess."""
    known = {one.dependent for one in message.obligations} & set(message.touched)
    unknown = [one.dependent for one in message.obligations if one.dependent not in known]
    items = [*_broken(message, known)]
    lines: list[Line] = []
    if known and not items:
        what = f"Nothing that {names(sorted(known))} uses of {clean(message.provider)} breaks."
        lines += [(what,)]
    if unknown:
        lines += [(_unknown(message, unknown),)]
        items += [_noticed(change) for change in message.changes or ()]
    return Block(
        "Does not touch you" if known and not items else "What breaks for you",
        tuple(lines),
        tuple(items[:MOST_ITEMS]),
        more=max(len(items) - MOST_ITEMS, 0),
        after=tuple(_untouched(message, known)),
        name="breaks",
    )


def _broken(message: Message, known: set[str]) -> Iterator[Line]:
    for dependent in sorted(known):
        for one in message.touched[dependent].breaks:
            yield (Strong(clean(dependent)), ": ", *_noticed(one.change, one))


def _noticed(change: Change, broken: Broken | None = None) -> Line:
    places = change.places
    line: Line = (clean(change.text),)
    if broken and broken.used_at:
        line = (*line, ", used at ", Code(clean(broken.used_at)))
    return (*line, " (", Code(clean(places)), ")") if places else line


def _untouched(message: Message, known: set[str]) -> Iterator[Line]:
    for dependent in sorted(known):
        number = message.touched[dependent].untouched
        if number:
            verb = "does" if number == 1 else "do"
            yield (f"{counted(number, 'other change')} {verb} not touch {clean(dependent)}.",)


def _unknown(message: Message, unknown: list[str]) -> str:
    provider = clean(message.provider)
    whose = "your services use" if len(unknown) > 1 else f"{clean(unknown[0])} uses"
    if message.changes is None:
        return (
            f"It is not known which calls of {provider} {whose}, and no contracts were compared "
            "for this notice. Read what changed before you plan the move."
        )
    if not message.changes:
        return (
            f"The contract of {provider} was compared with that of the release before, and nothing "
            "in it breaks callers. Read what else changed before you plan the move."
        )
    return (
        f"It is not known which calls of {provider} {whose}. This is everything that its callers "
        "notice:"
    )


def passed(message: Message) -> Block:
    """Return the gates that the release passed on purpose, by whom and why."""
    items: tuple[Line, ...] = tuple((clean(one),) for one in message.overridden)
    return Block("Passed on purpose", items=items, name="passed")


def how(message: Message) -> Block:
    """Return what helps to move: the provider's pages, the difference, and whom to ask."""
    pairs = [(clean(title), _address(clean(url))) for title, url in message.links]
    if message.changes and message.before:
        command = f"ci-steps contract diff {message.provider}@{message.before}"
        both = f"{command} {message.provider}@{message.version}"
        pairs.append(("Contract diff", (Code(clean(both)),)))
    if message.url:
        pairs.append(("Shipped by", _address(clean(message.url))))
    return Block("How to move", pairs=(*pairs, ("Ask", asked(message))), name="how")


def _address(url: str) -> Line:
    return (Link(url, url),) if is_link(url) else (url,)


def asked(message: Message) -> Line:
    """Return whom to ask: the owner of the provider, with the addresses of mail."""
    who = title_of(message.provider_owner)
    if not who:
        return (f"Nobody is recorded as the owner of {clean(message.provider)}.",)
    line: Line = (f"{who}, who own {clean(message.provider)}",)
    for number, mail in enumerate(map(clean, message.reply_to)):
        line = (*line, ", " if number else ": ", Link(mail, f"mailto:{mail}"))
    return line


def ending(message: Message) -> Block:
    """Return how it ends: by itself."""
    return Block(
        "When you are done",
        (
            (
                *("Nothing to report: declare ", Code(clean(message.to)), " under "),
                *(Code("depends_on"), " in the ", Code("ci-steps.yaml"), " of each service and "),
                f"deploy it to {clean(message.environment)}. This notice then closes by itself.",
            ),
        ),
        name="ending",
    )


def time(message: Message) -> Block:
    """Return how to say that it takes longer, or does not concern one."""
    until = max(message.due, message.on or message.due) + _MORE_TIME
    ref = reference(message)
    lines: tuple[Line, ...] = ()
    if is_link(message.ack_url):
        lines = (("Or without a command line: ", Link("acknowledge", message.ack_url), "."),)
    trailer = Code(f"Ci-Steps-Ack: {ref} until {until} …")
    return Block(
        "Need more time, or not affected?",
        (*lines, ("Or as a trailer of a commit that you deploy: ", trailer)),
        command=f'ci-steps notices ack {ref} \\\n    --until {until} --reason "…"',
        name="time",
    )


def failing(message: Message) -> Block:
    """Return the tests that fail, with the first line of what each says."""
    shown = tuple((Code(clean(one)),) for one in message.tests[:MOST_ITEMS])
    return Block(
        f"Failing tests ({len(message.tests):,})",
        items=shown,
        more=max(len(message.tests) - MOST_ITEMS, 0),
        name="tests",
    )
