"""Who is hit by a change of a service: its dependents, theirs, and so on.

A change of one line hits who needs that line. A service that is hit hits those who need it:
all of them where everything of it that runs is hit, else those who need the lines that are.
Level after level is searched, so that every service is found once, by a shortest path, and a
circle of requirements ends where it began.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, func, select

from ci_steps.dictionary.aliases import aliases
from ci_steps.dictionary.live_edges import (
    Beside,
    Found,
    Names,
    Wanted,
    chunks,
    environments,
    live_lines,
    owned_services,
)
from ci_steps.dictionary.live_whole import search_whole
from ci_steps.dictionary.tables import deployment, live_requirement, service

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ci_steps.dictionary.live_edges import Row

# More requirements than this in a level, and reading all that is live is faster.
FEW = 3000


class Hit(NamedTuple):
    """A live service that a change reaches; the path is a shortest one and ends at the provider.

    A tuple, because a change of a hub hits thousands.
    """

    service: str
    owner: str
    environments: tuple[str, ...]
    path: tuple[str, ...]


def impact(
    connection: Connection,
    provider: str,
    line: str = "",
    environment: str = "",
    *,
    few: int = FEW,
) -> tuple[Hit, ...]:
    """Return the live services that a change of *provider*, or of one line of it, reaches.

    The nearest come first, then by name. Cost: two statements and four a level; once more
    than a *few* are reached, all that is live is read instead.
    """
    places = environments(connection)
    asked = next((number for number, name in places.items() if name == environment), 0)
    names = _names(aliases(connection))
    present = names.of(provider)
    wanted, meant = Wanted(), [asked] if environment else list(places)
    for place in meant:
        wanted.add(names.all_of(present), place, {line} if line else None)
    found = _search(connection, asked, wanted, names, few)
    if found is None:
        found = search_whole(connection, meant, wanted, names)
    return _hits(found, present, places)


def _names(renamed: Mapping[str, str]) -> Names:
    old: dict[str, list[str]] = {}
    for before, name in renamed.items():
        old.setdefault(name, []).append(before)
    return Names(renamed, old)


def _hits(found: Found, provider: str, places: Mapping[int, str]) -> tuple[Hit, ...]:
    """Return what was hit, the provider itself left out."""
    paths: dict[str, tuple[str, ...]] = {provider: (provider,)}
    named = {bits: _named(bits, places) for bits in set(found.where.values())}
    services, where = found.services, found.where
    hits = []
    for number, through in found.through.items():
        name, owner = services[number]
        if name == provider:
            continue
        path = paths[name] = (name, *paths[through])
        hits.append((name, owner, named[where[number]], path))
    hits.sort()  # by name, for no two have the same
    hits.sort(key=lambda one: len(one[-1]))
    return tuple(map(_HIT, hits))


# As Hit._make, without a function of Python for each of thousands.
_HIT = partial(tuple.__new__, Hit)


def _named(bits: int, places: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(sorted(name for place, name in places.items() if bits >> place & 1))


def _search(
    connection: Connection, asked: int, wanted: Wanted, names: Names, few: int
) -> Found | None:
    """Search level by level through indexes, or return None where too many need something."""
    found, beside = Found(), Beside()
    hit: set[int] = set()
    while wanted.wholly or wanted.partly:
        if _are_many(connection, wanted.names(), few):
            return None
        rows = [row for row in _needing(connection, asked, wanted) if row[0] not in hit]
        hit.update(row[0] for row in rows)
        services = {row[1] for row in rows}
        for some in chunks(services - found.services.keys()):
            _read_services(connection, some, found, beside)
        wanted = _take(rows, found, beside, names)
    return found


def _are_many(connection: Connection, names: Collection[str], few: int) -> bool:
    if len(names) > few:
        return True
    needing = select(live_requirement.c.id).where(live_requirement.c.provider.in_(names))
    counted = select(func.count()).select_from(needing.limit(few + 1).subquery())
    return bool(connection.execute(counted).scalar_one() > few)


def _needing(connection: Connection, asked: int, wanted: Wanted) -> Iterator[Row]:
    """Yield the live deployments that need what is wanted, each with all of it that it needs."""
    needs = live_requirement.c
    columns = (needs.deployment_id, needs.dependent_id, needs.environment_id)
    found: dict[tuple[int, int, int], list[str]] = {}
    for some in chunks(sorted(wanted.names())):
        statement = select(*columns, needs.provider, needs.line).where(needs.provider.in_(some))
        if asked:
            statement = statement.where(needs.environment_id == asked)
        for number, service_id, place, name, line in connection.execute(statement).all():
            if wanted.has(name, place, line):
                found.setdefault((number, service_id, place), []).append(name)
    return ((*key, providers) for key, providers in found.items())


def _take(rows: Iterable[Row], found: Found, beside: Beside, names: Names) -> Wanted:
    """Note what was hit, and return what is wanted next: those who need it."""
    following = Wanted()
    parents = ((min(map(names.of, providers)), row) for *row, providers in rows)
    for parent, (number, service_id, place) in sorted(parents):
        found.add(service_id, 1 << place, parent)
        of_service = names.all_of(found.services[service_id][0])
        following.add(of_service, place, beside.hit(number, (service_id, place)))
    return following


def _read_services(
    connection: Connection, some: Collection[int], found: Found, beside: Beside
) -> None:
    for number, name, owner in connection.execute(owned_services().where(service.c.id.in_(some))):
        found.services[number] = (name, owner or "")
    beside.learn(connection.execute(live_lines().where(deployment.c.service_id.in_(some))))
