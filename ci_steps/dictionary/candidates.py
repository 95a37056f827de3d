"""Candidates by the names that people write."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, or_, select

from ci_steps.dictionary.reasons import Candidate
from ci_steps.dictionary.tables import release, requirement
from ci_steps.dictionary.uses import uses_of
from ci_steps.dictionary.verdict_needs import read_requirement
from ci_steps.dictionary.verdict_world import chunks, read_ids, read_names, read_version
from ci_steps.model import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.versions import Requirement, Version

_SERVICES_AT_ONCE = 100


def candidates(
    dictionary: Dictionary,
    named: Sequence[tuple[str, Version]],
    environment: str,
    *,
    slot: str = "",
    beside: bool = False,
) -> tuple[Candidate, ...]:
    """Return services at versions as candidates for an environment, however they are spelled.

    UsageError if nobody knows a service or the environment. Cost: a few statements for each
    few hundred of them.
    """
    with dictionary.reading() as connection:
        place = dictionary.known_environment(environment).name
        names = read_names(connection)
        ids = read_ids(connection, names, (names.of(service) for service, _ in named))
        known = set(ids.values())
        for service, _ in named:
            if names.of(service) not in known:
                dictionary.known_service(service)
        wanted = [(names.of(service), version) for service, version in named]
        found = _releases(connection, ids, wanted)
    return tuple(
        Candidate(
            found.get((name, version)) or Release(name, version, commit=""),
            place,
            slot,
            beside,
            is_recorded=(name, version) in found,
        )
        for name, version in wanted
    )


def _releases(
    connection: Connection, ids: Mapping[int, str], wanted: Iterable[tuple[str, Version]]
) -> dict[tuple[str, Version], Release]:
    orders: dict[str, set[int]] = defaultdict(set)
    for name, version in wanted:
        orders[name].add(version.order)
    # Not pairs in a list of pairs: for these SQLite reads the whole table.
    exact = (
        and_(release.c.service_id == number, release.c.order.in_(sorted(orders[name])))
        for number, name in ids.items()
    )
    rows = [
        row
        for some in chunks(exact, _SERVICES_AT_ONCE)
        for row in connection.execute(select(release).where(or_(*some)))
    ]
    needs = _requirements(connection, {row.requirement_set_id for row in rows})
    used = uses_of(connection, [row.id for row in rows])
    found = {}
    for row in rows:
        version = read_version(row.label, row.scheme)
        found[ids[row.service_id], version] = Release(
            ids[row.service_id],
            version,
            row.commit,
            tuple(needs[row.requirement_set_id]),
            row.contract_digest,
            final=row.final,
            recorded_at=row.recorded_at,
            uses=used.get(row.id, {}),
        )
    return found


def _requirements(connection: Connection, sets: Iterable[int]) -> dict[int, list[Requirement]]:
    found: dict[int, list[Requirement]] = defaultdict(list)
    for some in chunks(sets):
        rows = connection.execute(
            select(requirement)
            .where(requirement.c.requirement_set_id.in_(some))
            .order_by(requirement.c.requirement_set_id, requirement.c.id)
        )
        for row in rows:
            found[row.requirement_set_id].append(read_requirement(row.provider, row.written))
    return found
