"""Who is hit by a change, searched in all that is live: read once, the rest is memory.

A company runs the same in most of its environments. So a service is looked at once for all of
them in which it has the same requirement set, with the environments as the bits of a number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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
from ci_steps.dictionary.plain import plain_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

# A line such as auth:1, and the bits of the environments in which it is meant.
Lines = dict[str, int]

# What runs and is hit, in which environments, and through which provider.
Hit = tuple[int, int, str]

# What runs and its requirement set: a service, or where it runs more than once in an
# environment each of its deployments, below zero.
Run = tuple[int, int]


@dataclass
class _Search:
    """What is known while level after level is searched.

    `running` has what runs by its place in a list, `left` the environments in which it is not
    hit yet, and `needing` these places by line.
    """

    found: Found
    beside: Beside = field(default_factory=Beside)
    running: Sequence[int] = ()
    left: list[int] = field(default_factory=list)
    needing: Mapping[str, Sequence[int]] = field(default_factory=dict)
    # The present name of who provides a line, and the lines by that name.
    provider: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Where the deployments run that are looked at by themselves.
    places: Mapping[int, Place] = field(default_factory=dict)


def search_whole(
    connection: Connection, places: Iterable[int], wanted: Wanted, names: Names
) -> Found:
    """Return what a change of what is *wanted* hits in some environments.

    Cost: three statements, and one for each of the environments.
    """
    owned = plain_rows(connection, owned_services())
    search = _Search(Found(services={row[0]: (row[1], row[2] or "") for row in owned}))
    running = _read_running(connection, places, search)
    search.running, search.left = [number for number, _ in running], list(running.values())
    search.needing = _needing(connection, running)
    _learn_lines(names, search)
    lines = _first(wanted, search)
    while lines:
        lines = _take(_hits(lines, search), search)
    return search.found


def _read_running(connection: Connection, places: Iterable[int], search: _Search) -> dict[Run, int]:
    """Return what runs, with the bits of the environments in which it needs just this."""
    running: dict[Run, int] = {}
    twice: set[int] = set()
    for place in places:
        here = plain_rows(connection, live_sets(), {"place": place})
        for run in here:
            running[run] = running.get(run, 0) | 1 << place
        times = Counter(service for service, _ in here)
        twice.update(service for service, number in times.items() if number > 1)
    return _each_beside(connection, running, twice, search) if twice else running


def _each_beside(
    connection: Connection, running: Mapping[Run, int], twice: set[int], search: _Search
) -> dict[Run, int]:
    """Let each deployment of a service that runs *twice* in an environment stand for itself."""
    rows = plain_rows(connection, sets_beside(), {"services": twice})
    search.beside.learn(row[:4] for row in rows)
    search.places = {number: (service, where) for number, service, where, *_ in rows}
    alone = {run: bits for run, bits in running.items() if run[0] not in twice}
    return {**alone, **{(-row[0], row[4]): 1 << row[2] for row in rows}}


def _needing(connection: Connection, running: Iterable[Run]) -> dict[str, list[int]]:
    """Return by line which of what is *running* needs it, by their places."""
    sets = {its_set for _, its_set in running}
    lines_of = dict(plain_rows(connection, lines_by_set(), {"sets": sets}))
    needing: dict[str, list[int]] = defaultdict(list)
    for at, (_, its_set) in enumerate(running):
        for line in lines_of[its_set].split(" "):
            needing[line].append(at)
    return needing


def _learn_lines(names: Names, search: _Search) -> None:
    search.provider = {line: names.of(line.partition(":")[0]) for line in search.needing}
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
    services, where, through = search.found.services, search.found.where, search.found.through
    following: Lines = defaultdict(int)
    for number, places, parent in hits:
        service = number if number > 0 else search.places[-number][0]
        where[service] = where.get(service, 0) | places
        if service not in through:  # what was noted first says through whom
            through[service] = parent
        lines = search.lines.get(services[service][0], ())
        for line in lines if number > 0 else _of_deployment(-number, lines, search):
            following[line] |= places
    return following


def _of_deployment(number: int, lines: Sequence[str], search: _Search) -> Sequence[str]:
    """Return the lines that are hit with a deployment of a service that runs more than once."""
    hit = search.beside.hit(number, search.places[number])
    return lines if hit is None else [one for one in lines if one.rpartition(":")[2] in hit]
