"""The dictionary, git tags, fragments and what was published before -> the change log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_steps.changelog import ledger
from ci_steps.changelog.changes import with_written
from ci_steps.changelog.current import places
from ci_steps.changelog.document import SCHEMA, ChangeLog, Item, Kind, Promises
from ci_steps.changelog.history import history, joined
from ci_steps.changelog.plan import items
from ci_steps.model import Service
from ci_steps.usage import Rules, Usage, UsageQuestion
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.changelog.document import Change, Place, Release
    from ci_steps.changelog.fragments import Fragment
    from ci_steps.changelog.tags import Tag
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.versions import Version


def nobody_looks(question: UsageQuestion) -> Usage:  # noqa: ARG001 (the shape of an observer)
    """Return what is seen of calls where nothing observes them."""
    return Usage(problem="nothing observes its calls")


@dataclass(frozen=True)
class Sources:
    """What the folder of a service adds to what the dictionary knows.

    `version` is the one that is built: what people wrote without a version belongs to it.
    """

    fragments: Sequence[Fragment] = ()
    tags: Iterable[Tag] = ()
    published: ChangeLog | None = None
    version: Version | None = None
    rules: Rules = field(default_factory=Rules)
    observe: Callable[[UsageQuestion], Usage] = nobody_looks


def build(dictionary: Dictionary, service: str, at: datetime, sources: Sources) -> ChangeLog:
    """Return the change log of a service as it is at one moment.

    Of a service that the dictionary does not know there are its tags and what people wrote.
    """
    known = dictionary.service(service) or Service(service)
    production = frozenset(one.name for one in dictionary.environments() if one.production)
    with dictionary.reading() as connection:
        gathered = history(connection, known.name, sources.tags, production)
        current = places(dictionary, known.name, at, sources.rules, sources.observe)
        plan = planned(connection, known.name, at)
    released, unreleased = _with_fragments(gathered, sources)
    return ChangeLog(
        schema=SCHEMA,
        service=known.name,
        owner=known.owner,
        repository=known.repository,
        at=at,
        promises=Promises.of(sources.rules),
        history=released,
        unreleased=unreleased,
        current=current,
        plan=tuple(_with_successor(one, current, released) for one in plan),
    )


def planned(connection: Connection, service: str, at: datetime) -> list[Item]:
    """Return what will end of a service, the nearest day first, then what is over."""
    gone = ledger.retired_lines(connection, service)
    found = [
        item
        for subject, told in ledger.told(connection, service).items()
        for item in items(
            subject, told, at, retired=subject.kind is Kind.LINE and subject.name in gone
        )
    ]
    return sorted(found, key=_place)


def _place(item: Item) -> tuple[bool, str, str, str, datetime]:
    day = item.retire_on.isoformat() if item.retire_on else "9999"
    return not item.is_open, day, item.kind.value, item.subject, item.announced


def _with_fragments(
    gathered: Sequence[Release], sources: Sources
) -> tuple[tuple[Release, ...], tuple[Change, ...]]:
    """Give what people wrote to its release; what has none yet is to come."""
    before = sources.published.history if sources.published else ()
    told = {(change.sort, change.what, change.text) for one in before for change in one.changes}
    frozen = {parse_version(one.version) for one in before}
    wrote: dict[Version, list[Change]] = {}
    unreleased: list[Change] = []
    released = {parse_version(one.version) for one in (*gathered, *before)}
    for fragment in sources.fragments:
        version = _version_of(fragment, sources, frozen)
        if not fragment.version and (fragment.kind, fragment.what, fragment.text) in told:
            continue  # it was released, and its file was left
        if version in released:
            wrote.setdefault(version, []).append(fragment.change)
        else:
            unreleased.append(fragment.change)
    # What only the document knows has no new changes but those that people wrote.
    recorded = {parse_version(one.version) for one in gathered}
    only_published = [one for one in before if parse_version(one.version) not in recorded]
    complete = [
        replace(one, changes=with_written(one.changes, wrote.get(parse_version(one.version), ())))
        for one in (*gathered, *(replace(one, changes=()) for one in only_published))
    ]
    return joined(before, complete), tuple(unreleased)


def _version_of(fragment: Fragment, sources: Sources, frozen: set[Version]) -> Version | None:
    if fragment.version:
        return parse_version(fragment.version)
    return None if sources.version in frozen else sources.version


def _with_successor(item: Item, current: Sequence[Place], released: Sequence[Release]) -> Item:
    """Say of a line what comes after it: the newest line that runs, and how one moves there."""
    if item.kind is not Kind.LINE or item.instead:
        return item
    here = [one for one in current if one.environment == item.environment]
    newest = next((one.line for place in here for one in place.versions[:1]), item.subject)
    if newest == item.subject:
        return item
    of_line = [one for one in released if parse_version(one.version).line == newest]
    notes = (change.migration for one in of_line[-1:] for change in one.changes)
    migration = item.migration or " ".join(dict.fromkeys(filter(None, notes)))
    return replace(item, instead=f"line {newest}", migration=migration)
