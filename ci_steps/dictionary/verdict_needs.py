"""Who is live in an environment and needs one of some providers."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, and_, select

from ci_steps.dictionary.tables import (
    deployment,
    live_requirement,
    observation,
    release,
    requirement,
    service,
)
from ci_steps.dictionary.verdict_world import Names, answered, chunks, read_version
from ci_steps.versions import Requirement, Version
from ci_steps.versions import requirement as requirement_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Need(NamedTuple):
    """What a version of a dependent needs; `slot` is where it runs."""

    dependent: str
    version: str
    slot: str
    provider: str
    required: Requirement
    remark: str = ""


def read_needs(
    connection: Connection, environment: int, names: Names, providers: Iterable[str]
) -> list[Need]:
    """Return what is live and needs one of *providers*. Cost: O(log n + rows), by an index."""
    rows: list[Any] = []
    wanted = names.all_of(providers)
    for some in chunks(wanted):
        statement = (
            select(
                service.c.name,
                release.c.label,
                release.c.scheme,
                deployment.c.slot,
                live_requirement.c.provider,
                live_requirement.c.written,
                deployment.c.service_id,
                deployment.c.address,
                observation.c.version.label("answer"),
                observation.c.scheme.label("answer_scheme"),
            )
            .join_from(
                live_requirement, deployment, live_requirement.c.deployment_id == deployment.c.id
            )
            .join(release, deployment.c.release_id == release.c.id)
            .join(service, live_requirement.c.dependent_id == service.c.id)
            .outerjoin(observation, _is_observed())
            .where(
                live_requirement.c.provider.in_(some),
                live_requirement.c.environment_id == environment,
            )
        )
        rows += connection.execute(statement).all()
    return _needs(connection, environment, names, wanted, rows)


@lru_cache(maxsize=20_000)
def read_requirement(provider: str, written: str) -> Requirement:
    """Read a stored requirement; the provider tells where its name ends."""
    return requirement_of(provider, written[len(provider) + 1 :])


def _is_observed() -> Any:
    """Join what an address answered; what it answered before this deployment is out of date."""
    return and_(
        observation.c.service_id == deployment.c.service_id,
        observation.c.environment_id == deployment.c.environment_id,
        observation.c.address == deployment.c.address,
        observation.c.version != "",
        observation.c.at >= deployment.c.started_at,
    )


def _needs(
    connection: Connection, environment: int, names: Names, providers: list[str], rows: list[Any]
) -> list[Need]:
    found, differing = [], []
    for row in rows:
        if row.answer and row.answer != row.label:
            differing.append(row)
        else:
            found.append(_recorded(names, row))
    beside = _recorded_at(connection, environment, differing) if differing else {}
    drifted = []
    for row in differing:
        answer = answered(row.answer, row.answer_scheme)
        # What several slots share may answer for any of them.
        if answer is None or answer in beside[row.service_id, row.address]:
            found.append(_recorded(names, row))
        else:
            drifted.append((row, answer))
    return [*found, *_needs_observed(connection, names, providers, drifted)]


def _recorded(names: Names, row: Any) -> Need:
    name, label, _, slot, provider, written, *_ = row
    required = read_requirement(provider, written)
    return Need(names.of(name), label, slot, names.of(provider), required)


def _recorded_at(
    connection: Connection, environment: int, rows: list[Any]
) -> dict[tuple[int, str], set[Version]]:
    """Return the versions that are recorded at the addresses of *rows*."""
    found: dict[tuple[int, str], set[Version]] = defaultdict(set)
    for some in chunks(sorted({row.service_id for row in rows})):
        statement = (
            select(deployment.c.service_id, deployment.c.address, release.c.label, release.c.scheme)
            .join_from(deployment, release, deployment.c.release_id == release.c.id)
            .where(
                deployment.c.service_id.in_(some),
                deployment.c.environment_id == environment,
                deployment.c.ended_at.is_(None),
            )
        )
        for row in connection.execute(statement):
            found[row.service_id, row.address].add(read_version(row.label, row.scheme))
    return found


def _needs_observed(
    connection: Connection,
    names: Names,
    providers: list[str],
    drifted: list[tuple[Any, Version]],
) -> Iterator[Need]:
    """Yield what dependents need whose address answered another version than was recorded.

    It is what the release that answered needs; if that is not recorded, what is known counts.
    """
    released = _released_needs(connection, providers, drifted) if drifted else {}
    told = set()
    for row, answer in drifted:
        recorded = read_version(row.label, row.scheme)
        required = read_requirement(row.provider, row.written)
        remark = f"{row.name} answers {answer}, recorded is {recorded}"
        needed = released.get((row.name, answer), (required,))
        for one in needed:
            named = names.of(one.provider)
            need = Need(names.of(row.name), str(answer), row.slot, named, one, remark)
            if need not in told:
                told.add(need)
                yield need


def _released_needs(
    connection: Connection,
    providers: list[str],
    drifted: list[tuple[Any, Version]],
) -> dict[tuple[str, Version], list[Requirement]]:
    """Return what those observed releases that are recorded need of *providers*."""
    found: dict[tuple[str, Version], list[Requirement]] = {}
    wanted = {(row.name, answer) for row, answer in drifted}
    for some in chunks(sorted(wanted, key=lambda pair: (pair[0], str(pair[1])))):
        statement = (
            select(
                service.c.name,
                release.c.label,
                release.c.scheme,
                requirement.c.provider,
                requirement.c.written,
            )
            .join_from(service, release, release.c.service_id == service.c.id)
            .outerjoin(
                requirement, requirement.c.requirement_set_id == release.c.requirement_set_id
            )
            .where(
                service.c.name.in_({name for name, _ in some}),
                release.c.order.in_({version.order for _, version in some}),
            )
        )
        for row in connection.execute(statement):
            needs = found.setdefault((row.name, read_version(row.label, row.scheme)), [])
            if row.provider in providers:
                needs.append(read_requirement(row.provider, row.written))
    return found
