"""The words in which pages tell a change log to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.changelog.document import Calls, Change, Dependents, Item

_MOST_NAMED = 5


def day(moment: datetime) -> str:
    """Return the day of a moment."""
    return f"{moment:%Y-%m-%d}"


def moment(at: datetime | None) -> str:
    """Return a moment for people."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "nobody knows"


def item_name(item: Item) -> str:
    """Return what will end, and where."""
    where = f" in {item.environment}" if item.environment else ""
    return f"{item.kind.value} {item.subject}{where}"


def change_sentence(change: Change) -> str:
    """Return what changed, with its subject where it has one."""
    return f"{change.what}: {change.text}" if change.what else change.text


def last_call(calls: Calls) -> str:
    """Return when a line was called last; what is not known is said so."""
    if calls.last_call:
        return moment(calls.last_call)
    if calls.problem:
        return f"not known: {calls.problem}"
    return f"none since {moment(calls.observed_since)}"


def dependents_sentence(dependents: Dependents) -> str:
    """Return who needs a line: by name where they are few."""
    names = list(dict.fromkeys(one.service for one in dependents.deployed))
    declared = [f"{one} (declared)" for one in dependents.declared]
    known = {*names, *(one.split(" ")[0] for one in dependents.declared)}
    called = [f"{one.name} (calls)" for one in dependents.called if one.name not in known]
    return some([*names, *declared, *called]) or "nobody"


def some(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    listed = list(names)
    more = len(listed) - _MOST_NAMED
    return ", ".join(listed[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def moves(item: Item) -> Iterator[str]:
    """Yield a sentence for each time the day was moved."""
    for one in item.amendments:
        begin = f"Moved from {one.before}" if one.before else "Named"
        urgent = ", which is urgent" if one.urgent else ""
        yield f"{begin} to {one.retire_on} on {day(one.at)}{urgent}: {one.reason}."
