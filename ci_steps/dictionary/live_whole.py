"""Who is hit by a change, searched in all that is live: read once, the rest is memory.

A company runs the same in most of its environments. So what needs the same is looked at once,
with its environments as the bits of a number, and nothing that was hit is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_steps.dictionary.live_edges import (
    Beside,
    Found,
    Names,
    Place,
    Wanted,
    chunks,
    lines_beside,
    needs_in,
    needs_of,
    needs_on,
    owned_services,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

# A service, or where it runs more than once in an environment a deployment of it, below zero;
# then the names of providers it needs with a space between, and the bits of its environments.
Running = tuple[int, str, int]

# What runs and is hit, in which environments, and through which provider.
Hit = tuple[int, int, str]

# A provider by each of its names: what it is called now, and the bits of its environments.
Wholly = dict[str, tuple[str, int]]


@dataclass
class _Search:
    """What is known while level after level is searched."""

    names: Names
    services: dict[int, tuple[str, str]]
    beside: Beside
    # The deployments that run beside another one of their service.
    twice: dict[int, Place]
    where: dict[int, int] = field(default_factory=dict)
    through: dict[int, str] = field(default_factory=dict)


def search_whole(connection: Connection, place: int, wanted: Wanted, names: Names) -> Found:
    """Return what a change of what is *wanted* hits, in a place or, for 0, everywhere.

    Cost: three statements, one for 400 deployments that run beside another one, and as many
    a level where only a line of a service is hit.
    """
    search = _started(connection, names)
    left = _running(connection, place, search)
    while left and (wanted.wholly or wanted.partly):
        lines = _lines(connection, wanted, search) if wanted.partly else {}
        hits, left = _parted(left, _wholly(wanted, names), lines)
        wanted = _take(hits, search)
    kinds = {bits: _places(bits) for bits in set(search.where.values())}
    where = {service: kinds[bits] for service, bits in search.where.items()}
    return Found(where, search.through, search.services)


def _started(connection: Connection, names: Names) -> _Search:
    owned = connection.execute(owned_services()).all()
    services = {number: (name, owner or "") for number, name, owner in owned}
    rows = connection.execute(lines_beside()).all()
    beside = Beside()
    beside.learn(rows)
    return _Search(names, services, beside, {row[0]: (row[1], row[2]) for row in rows})


def _running(connection: Connection, place: int, search: _Search) -> list[Running]:
    """Return what runs, once for all environments in which it needs the same."""
    merged: dict[str, dict[int, int]] = {}
    apart = set(search.twice.values())
    for service, where, needed in connection.execute(needs_in(place)).all():
        if (service, where) not in apart:
            same = merged.setdefault(needed, {})
            same[service] = same.get(service, 0) | 1 << where
    running = [(one, needed, bits) for needed, same in merged.items() for one, bits in same.items()]
    numbers = (number for number, at in search.twice.items() if place in {0, at[1]})
    for some in chunks(numbers):
        for number, needed in connection.execute(needs_of(some)).all():
            running.append((-number, needed, 1 << search.twice[number][1]))
    return running


def _parted(
    rows: Sequence[Running], wanted: Wholly, lines: Mapping[int, list[tuple[str, int]]]
) -> tuple[list[Hit], list[Running]]:
    """Return what needs something that is wanted where it runs, and what is not hit yet."""
    hits: list[Hit] = []
    others: list[Running] = []
    names = set(wanted)
    for row in rows:
        number, needed, places = row
        of_row = names.intersection(needed.split(" "))
        if not of_row and number not in lines:
            others.append(row)
            continue
        reached = [wanted[name] for name in of_row]
        reached += lines.get(number, ())
        hit, through = 0, ""
        for name, there in reached:
            if there & places:
                hit |= there & places
                if not through or name < through:
                    through = name
        if hit:
            hits.append((number, hit, through))
        if hit != places:
            others.append((number, needed, places & ~hit) if hit else row)
    return hits, others


def _take(hits: Sequence[Hit], search: _Search) -> Wanted:
    """Note what was hit, and return what is wanted next: those who need it."""
    following = Wanted()
    through: dict[int, str] = {}
    by_bits: dict[int, list[str]] = {}
    for number, places, parent in hits:
        service, where = (number, 0) if number > 0 else search.twice[-number]
        if service not in search.through:
            through[service] = min(through.get(service, parent), parent)
        search.where[service] = search.where.get(service, 0) | places
        called = search.names.all_of(search.services[service][0])
        lines = search.beside.hit(-number, (service, where)) if number < 0 else None
        if lines is None:
            by_bits.setdefault(places, []).extend(called)
        else:
            following.add(called, where, lines)
    search.through.update(through)
    for bits, called in by_bits.items():
        for place in _places(bits):
            following.add(called, place)
    return following


def _wholly(wanted: Wanted, names: Names) -> Wholly:
    bits: dict[str, int] = {}
    for place, providers in wanted.wholly.items():
        for name in providers:
            bits[name] = bits.get(name, 0) | 1 << place
    return {name: (names.of(name), places) for name, places in bits.items()}


def _lines(
    connection: Connection, wanted: Wanted, search: _Search
) -> dict[int, list[tuple[str, int]]]:
    """Return what needs a line that is wanted, each with the provider and where."""
    found: dict[int, list[tuple[str, int]]] = {}
    for some in chunks(sorted(set().union(*wanted.partly.values()))):
        for number, service, place, name, line in connection.execute(needs_on(some)).all():
            if line in wanted.partly.get(place, {}).get(name, ()):
                running = -number if number in search.twice else service
                found.setdefault(running, []).append((search.names.of(name), 1 << place))
    return found


def _places(bits: int) -> set[int]:
    return {place for place in range(bits.bit_length()) if bits >> place & 1}
