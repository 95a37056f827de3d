"""Who is hit by a change, searched in all that is live: read once, the rest is memory.

The loop here looks at every live deployment of a company, so it is written for that: numbers
instead of values, one pass a level, and what was hit is not looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from ci_steps.dictionary.live_edges import (
    Beside,
    Found,
    Names,
    Wanted,
    live_lines,
    owned_services,
)
from ci_steps.dictionary.tables import deployment, live_requirement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.dictionary.live_edges import Row


def search_whole(connection: Connection, place: int, wanted: Wanted, names: Names) -> Found:
    """Return what a change of what is *wanted* hits, in a place or, for 0, everywhere.

    Cost: three statements, and one a level where a service is hit that runs twice.
    """
    found = Found()
    for number, name, owner in connection.execute(owned_services()).all():
        found.services[number] = (name, owner or "")
    beside = Beside()
    beside.learn(connection.execute(_beside()).all())
    left: Sequence[Row] = connection.execute(_live(place)).all()
    while left and (wanted.wholly or wanted.partly):
        hits, left = _parted(left, wanted.wholly)
        if wanted.partly:
            some, left = _parted_by_line(connection, left, wanted)
            hits += some
        wanted = take(hits, wanted, found, beside, names)
    return found


def _parted(rows: Sequence[Row], wanted: dict[int, set[str]]) -> tuple[list[Row], list[Row]]:
    """Return the rows that need one of what is wanted where they run, and the others."""
    hits: list[Row] = []
    others: list[Row] = []
    nothing: set[str] = set()
    for row in rows:
        is_other = wanted.get(row[2], nothing).isdisjoint(row[3].split(" "))
        (others if is_other else hits).append(row)
    return hits, others


def _parted_by_line(
    connection: Connection, rows: Sequence[Row], wanted: Wanted
) -> tuple[list[Row], list[Row]]:
    """Return the rows that need a line that is wanted, and the others."""
    candidates, others = _parted(rows, {place: set(of) for place, of in wanted.partly.items()})
    if not candidates:
        return [], others
    needs = live_requirement.c
    names = set().union(*wanted.partly.values())
    lines = connection.execute(
        select(needs.deployment_id, needs.environment_id, needs.provider, needs.line).where(
            needs.provider.in_(names)
        )
    )
    hit: dict[int, list[str]] = {}
    for number, place, name, line in lines.all():
        if wanted.has(name, place, line):
            hit.setdefault(number, []).append(name)
    hits: list[Row] = [(*row[:3], " ".join(hit[row[0]])) for row in candidates if row[0] in hit]
    return hits, [*others, *(row for row in candidates if row[0] not in hit)]


def take(hits: Sequence[Row], wanted: Wanted, found: Found, beside: Beside, names: Names) -> Wanted:
    """Note what was hit, and return what is wanted next: those who need it."""
    following = Wanted()
    through: dict[int, str] = {}
    for number, service, place, needed in hits:
        found.where.setdefault(service, set()).add(place)
        if service not in found.through:
            parent = _through(needed, place, wanted, names)
            through[service] = min(through.get(service, parent), parent)
        of_service = names.all_of(found.services[service][0])
        following.add(of_service, place, beside.hit(number, (service, place)))
    found.through.update(through)
    return following


def _through(needed: str, place: int, wanted: Wanted, names: Names) -> str:
    """Return the first provider by name, among those that are wanted, that is needed."""
    providers = needed.split(" ")
    reached = wanted.wholly.get(place, set()).intersection(providers)
    reached = reached or wanted.partly.get(place, {}).keys() & providers
    if len(reached) == 1:
        return names.of(*reached)
    return min(map(names.of, reached))


def _live(place: int) -> Any:
    """Select what is live with all it needs, from the index of who needs whom alone."""
    needs = live_requirement.c
    listed = func.aggregate_strings(needs.provider, " ").label("needed")
    grouped = select(needs.deployment_id, listed).group_by(needs.deployment_id).subquery()
    statement = select(
        deployment.c.id, deployment.c.service_id, deployment.c.environment_id, grouped.c.needed
    ).join_from(grouped, deployment, deployment.c.id == grouped.c.deployment_id)
    return statement.where(deployment.c.environment_id == place) if place else statement


def _beside() -> Any:
    """Select the deployments of services that run more than once in an environment."""
    counted = (
        select(deployment.c.service_id, deployment.c.environment_id)
        .where(deployment.c.ended_at.is_(None))
        .group_by(deployment.c.service_id, deployment.c.environment_id)
        .having(func.count() > 1)
        .subquery()
    )
    return live_lines().join(
        counted,
        (deployment.c.service_id == counted.c.service_id)
        & (deployment.c.environment_id == counted.c.environment_id),
    )
