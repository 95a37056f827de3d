"""Who is hit by a change, searched level by level through indexes: for a change that hits few."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from ci_steps.dictionary.impacts.edges import (
    Beside,
    Found,
    Wanted,
    chunks,
    live_lines,
    owned_services,
)
from ci_steps.dictionary.tables import deployment, live_requirement, service

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ci_steps.dictionary.aliases import Names

# A deployment, its service and its environment by number, and the providers it needs of those
# that are wanted.
_Row = tuple[int, int, int, list[str]]


@dataclass
class _Near:
    """What is known while level after level is searched, in one *place* or for 0 in all."""

    connection: Connection
    place: int
    names: Names
    found: Found = field(default_factory=Found)
    beside: Beside = field(default_factory=Beside)
    # By their numbers.
    services: dict[int, str] = field(default_factory=dict)


def search_near(
    connection: Connection, place: int, wanted: Wanted, names: Names, few: int
) -> Found | None:
    """Return what a change of what is *wanted* hits, or None where more than a *few* need it.

    Everywhere, or in one *place*. Cost: four statements a level.
    """
    near = _Near(connection, place, names)
    hit: set[int] = set()
    while wanted:
        needed = names.all_of(wanted.names())
        if _are_many(connection, needed, few):
            return None
        rows = [row for row in _needing(needed, wanted, near) if row[0] not in hit]
        hit.update(row[0] for row in rows)
        wanted = _take(rows, near)
    return near.found


def _are_many(connection: Connection, names: Collection[str], few: int) -> bool:
    if len(names) > few:
        return True
    needing = select(live_requirement.c.id).where(live_requirement.c.provider.in_(names))
    counted = select(func.count()).select_from(needing.limit(few + 1).subquery())
    return bool(connection.execute(counted).scalar_one() > few)


def _needing(names: Collection[str], wanted: Wanted, near: _Near) -> Iterator[_Row]:
    """Yield the live deployments that need what is wanted, each with all of it that it needs."""
    needs = live_requirement.c
    columns = (needs.deployment_id, needs.dependent_id, needs.environment_id)
    found: dict[tuple[int, int, int], list[str]] = {}
    for some in chunks(names):
        statement = select(*columns, needs.provider, needs.line).where(needs.provider.in_(some))
        if near.place:
            statement = statement.where(needs.environment_id == near.place)
        for number, service_id, place, name, line in near.connection.execute(statement).all():
            provider = near.names.of(name)
            if wanted.where(provider, line) >> place & 1:
                found.setdefault((number, service_id, place), []).append(provider)
    return ((*key, providers) for key, providers in found.items())


def _take(rows: Collection[_Row], near: _Near) -> Wanted:
    """Note what was hit, and return what is wanted next: those who need it."""
    for some in chunks({row[1] for row in rows} - near.services.keys()):
        _read_services(some, near)
    near.found.take((near.services[row[1]], 1 << row[2], min(row[3])) for row in rows)
    return _following(rows, near)


def _following(rows: Iterable[_Row], near: _Near) -> Wanted:
    following = Wanted()
    for number, service_id, place, _ in rows:
        lines = near.beside.hit(number, (service_id, place))
        following.add(near.services[service_id], 1 << place, lines)
    return following


def _read_services(some: Collection[int], near: _Near) -> None:
    named = near.connection.execute(owned_services().where(service.c.id.in_(some)))
    for number, name, owner in named:
        near.services[number] = name
        near.found.owners[name] = owner or ""
    running = near.connection.execute(live_lines().where(deployment.c.service_id.in_(some)))
    near.beside.learn(running)
