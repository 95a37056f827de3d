"""Who is hit by a change, searched in all that is live: read once, the rest is memory.

A company runs the same in most of its environments. So a service is looked at once for all of
them in which it has the same requirement set, with the environments as the bits of a number.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_steps.dictionary.live_edges import (
    Beside,
    Found,
    Names,
    Place,
    Wanted,
    lines_by_set,
    live_sets,
    owned_services,
    sets_beside,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

# A line such as auth:1, and the bits of the environments in which it is meant.
Lines = dict[str, int]

# What runs and is hit, in which environments, and through which provider.
Hit = tuple[int, int, str]

# What runs and its requirement set, with the bits of its environments: a service, or where it
# runs more than once in an environment each of its deployments, below zero.
Running = dict[tuple[int, int], int]


@dataclass
class _Search:
    """What is known while level after level is searched.

    `running` has what runs by its place in a list, `left` the environments in which it is not
    hit yet, and `needing` these places by line.
    """

    names: Names
    found: Found
    beside: Beside = field(default_factory=Beside)
    running: Sequence[int] = ()
    left: list[int] = field(default_factory=list)
    needing: Mapping[str, Sequence[int]] = field(default_factory=dict)
    # The present name of who provides a line, and the lines by that name.
    provider: dict[str, str] = field(default_factory=dict)
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Where the deployments run that are looked at by themselves.
    places: Mapping[int, Place] = field(default_factory=dict)


def search_whole(connection: Connection, place: int, wanted: Wanted, names: Names) -> Found:
    """Return what a change of what is *wanted* hits, in a place or, for 0, everywhere.

    Cost: four statements.
    """
    owned = connection.execute(owned_services()).all()
    services = {number: (name, owner or "") for number, name, owner in owned}
    search = _Search(names, Found(services=services))
    running = _read_running(connection, place, search)
    _read_lines(connection, place, running, search)
    lines = _first(wanted, search)
    while lines:
        lines = _take(_hits(lines, search), search)
    return search.found


def _read_running(connection: Connection, place: int, search: _Search) -> Running:
    """Return what runs, once for all environments in which it needs the same."""
    running: Running = defaultdict(int)
    seen: dict[int, int] = defaultdict(int)
    twice = set()
    for service, where, its_set in connection.execute(live_sets(place)).all():
        bit = 1 << where
        if seen[service] & bit:
            twice.add(service)
        seen[service] |= bit
        running[service, its_set] |= bit
    if not twice:
        return running
    rows = connection.execute(sets_beside(place), {"services": twice}).all()
    search.beside.learn(row[:4] for row in rows)
    search.places = {number: (service, where) for number, service, where, *_ in rows}
    alone = {key: bits for key, bits in running.items() if key[0] not in twice}
    return {**alone, **{(-row[0], row[4]): 1 << row[2] for row in rows}}


def _read_lines(connection: Connection, place: int, running: Running, search: _Search) -> None:
    """Read which lines are needed by what is *running*."""
    search.running, search.left = [number for number, _ in running], list(running.values())
    lines_of = dict(connection.execute(lines_by_set(place)).tuples().all())
    needing: dict[str, list[int]] = defaultdict(list)
    for at, (_, its_set) in enumerate(running):
        for line in lines_of[its_set].split(" "):
            needing[line].append(at)
    search.needing = needing
    search.provider = {line: search.names.of(line.partition(":")[0]) for line in needing}
    lines: dict[str, list[str]] = defaultdict(list)
    for line, provider in search.provider.items():
        lines[provider].append(line)
    search.lines = lines


def _first(wanted: Wanted, search: _Search) -> Lines:
    """Return the lines that are asked for; all lines of a provider that is meant wholly."""
    found: Lines = defaultdict(int)
    for place, names in wanted.wholly.items():
        for line in (line for name in names for line in search.lines.get(name, ())):
            found[line] |= 1 << place
    for place, partly in wanted.partly.items():
        for line in (f"{name}:{line}" for name, lines in partly.items() for line in lines):
            found[line] |= 1 << place
    return found


def _hits(wanted: Lines, search: _Search) -> Iterator[Hit]:
    """Yield what needs something that is wanted where it runs, and was not hit before."""
    left, provider = search.left, search.provider
    # Through whom something is hit is told by the first of them by name.
    for line in sorted(wanted.keys() & provider.keys(), key=provider.__getitem__):
        places = wanted[line]
        for at in search.needing[line]:
            if hit := left[at] & places:
                left[at] ^= hit
                yield search.running[at], hit, provider[line]


def _take(hits: Iterable[Hit], search: _Search) -> Lines:
    """Note what was hit, and return what is wanted next: the lines of those that were."""
    found = search.found
    following: Lines = defaultdict(int)
    for number, places, parent in hits:
        service = number if number > 0 else search.places[-number][0]
        found.add(service, places, parent)
        for line in _lines_of(number, service, search):
            following[line] |= places
    return following


def _lines_of(number: int, service: int, search: _Search) -> Sequence[str]:
    """Return the lines of a service that are hit; where it runs more than once, perhaps some."""
    lines = search.lines.get(search.found.services[service][0], ())
    hit = search.beside.hit(-number, search.places[-number]) if number < 0 else None
    return lines if hit is None else [one for one in lines if one.rpartition(":")[2] in hit]
