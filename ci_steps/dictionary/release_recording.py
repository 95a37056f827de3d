"""Recording releases and where they run, inside a transaction that somebody else opened."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Insert, Row, bindparam, delete, insert, select, update

from ci_steps.dictionary import declarations, drift, tables
from ci_steps.dictionary.recording import (
    NUMBER_OF_SERVICE,
    Effect,
    environment_id,
    number_of,
    service_id,
)
from ci_steps.dictionary.uses import record_uses
from ci_steps.errors import RefusedError, UsageError
from ci_steps.outside.database_writes import at_once
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ci_steps.model import Deployment, Release
    from ci_steps.versions import Requirement, Version


class Recorded(NamedTuple):
    """A release as it is kept now, by its number, and what became of it."""

    effect: Effect
    service: int
    number: int
    requirement_set: int


def record_release(connection: Connection, release: Release, at: datetime) -> Effect:
    """Record a release that was seen *at*.

    A candidate takes on what a later commit brings; a final release never changes: other
    content under its version is refused, the same content again changes nothing.
    """
    return put_release(connection, release, at).effect


def put_release(connection: Connection, release: Release, at: datetime) -> Recorded:
    """Record a release as `record_release` does, and return where it is."""
    service, requirement_set, known = _known(connection, release)
    content: dict[str, Any] = {
        "commit": release.commit,
        "contract_digest": release.contract_digest,
        "requirement_set_id": requirement_set,
    }
    if known is None:
        values = {
            **content,
            "recorded_at": release.recorded_at or at,
            "places": declarations.written(release.places),
            "database": declarations.written_change(release.database),
        }
        number = _add(connection, service, release, values)
        record_uses(connection, number, release.uses)
        return Recorded(Effect.ADDED, service, number, requirement_set)
    differs = [name for name, value in content.items() if getattr(known, name) != value]
    if known.final and differs:
        raise _already_released(release, known, differs)
    told = record_uses(
        connection,
        known.id,
        release.uses,
        final=known.final,
        same_commit="commit" not in differs,
    )
    places = _declared(release, known, "places", declarations.written(release.places))
    change = declarations.written_change(release.database)
    database = _declared(release, known, "database", change)
    is_as_known = not differs and (places, database) == (known.places, known.database)
    if is_as_known and (known.final or not release.final):
        effect = Effect.CHANGED if told else Effect.UNCHANGED
        return Recorded(effect, service, known.id, requirement_set)
    final = known.final or release.final
    values = {**content, "final": final, "places": places, "database": database}
    if differs:
        values["recorded_at"] = release.recorded_at or at
    connection.execute(update(tables.release).where(tables.release.c.id == known.id).values(values))
    return Recorded(Effect.CHANGED, service, known.id, requirement_set)


def record_deployment(
    connection: Connection,
    deployment: Deployment,
    *,
    production: bool = False,
    replaces: Sequence[str] = (),
    released: Recorded | None = None,
) -> Effect:
    """Open *deployment* in its slot, and end what ran there and in the slots it *replaces*.

    Its release was recorded before, perhaps just now as *released*. What is open already,
    exactly like this, stays open.
    """
    released = released or _released(connection, deployment)
    environment, opened = _there(
        connection, released.service, deployment.environment, production=production
    )
    values = {
        "release_id": released.number,
        "commit": deployment.commit,
        "address": deployment.address,
        "digest": deployment.digest,
    }
    here = opened.get(deployment.slot)
    is_open = here is not None and all(getattr(here, name) == is_ for name, is_ in values.items())
    ending = {*replaces, deployment.slot} - ({deployment.slot} if is_open else set())
    ended = [opened.pop(slot) for slot in sorted(ending) if slot in opened]
    with at_once(connection):
        _end(connection, ended, deployment.at)
        if not is_open:
            _open(connection, deployment, values, environment, released)
        if ended or not is_open:
            gone = {*(one.address for one in ended), *([] if is_open else [deployment.address])}
            kept = {one.address for one in opened.values()} - gone
            drift.keep_only(connection, released.service, environment, kept)
    if is_open:
        return Effect.UNCHANGED
    return Effect.ADDED if here is None else Effect.CHANGED


def _open(
    connection: Connection,
    deployment: Deployment,
    values: Mapping[str, Any],
    environment: int,
    released: Recorded,
) -> None:
    """Add a deployment to a slot in which nothing runs any more, and what it needs."""
    given = {
        **values,
        "service_id": released.service,
        "environment_id": environment,
        "requirement_set_id": released.requirement_set,
        "slot": deployment.slot,
        "by": deployment.by,
        "url": deployment.url,
        "started_at": deployment.at,
    }
    connection.execute(_OPEN, given)
    connection.execute(
        _KEEP_REQUIREMENTS,
        {
            "opened_service": released.service,
            "opened_in": environment,
            "opened_slot": deployment.slot,
        },
    )


_THERE = (
    select(
        tables.environment.c.id.label("there"), tables.environment.c.production, tables.deployment
    )
    .join_from(
        tables.environment,
        tables.deployment,
        (tables.deployment.c.environment_id == tables.environment.c.id)
        & (tables.deployment.c.service_id == bindparam("service", type_=tables.service.c.id.type))
        & tables.deployment.c.ended_at.is_(None),
        isouter=True,
    )
    .where(tables.environment.c.name == bindparam("environment"))
)


def end_deployment(connection: Connection, deployment: Deployment, at: datetime) -> None:
    """Record that nothing runs any more where *deployment* ran."""
    service = service_id(connection, deployment.service)
    environment = environment_id(connection, deployment.environment)
    opened = _all_open(connection, service, environment)
    ended = opened.pop(deployment.slot, None)
    if ended is None:
        return
    _end(connection, [ended], at)
    kept = {one.address for one in opened.values()} - {ended.address}
    drift.keep_only(connection, service, environment, kept)


def _released(connection: Connection, deployment: Deployment) -> Recorded:
    service = service_id(connection, deployment.service)
    found = find_release(connection, service, deployment.version)
    if found is None:
        raise ValueError(f"{deployment.service} {deployment.version} was not recorded")
    return Recorded(Effect.UNCHANGED, service, found.id, found.requirement_set_id)


def find_release(connection: Connection, service: int, version: Version) -> Row[Any] | None:
    """Return the row of a release; 1.1 and 1.1.0 are one version."""
    release = tables.release
    rows = connection.execute(
        select(release).where(
            release.c.service_id == service,
            release.c.order == version.order,
            release.c.scheme == version.scheme,
        )
    )
    return _same_version(rows, version)


def _same_version(rows: Iterable[Row[Any]], version: Version) -> Row[Any] | None:
    """Return the row of just this one of those that tie: a prerelease, very large numbers."""
    return next((row for row in rows if parse_version(row.label, row.scheme) == version), None)


def find_open(connection: Connection, service: int, environment: int, slot: str) -> Row[Any] | None:
    """Return the row of what runs in a slot."""
    return _all_open(connection, service, environment).get(slot)


def _there(
    connection: Connection, service: int, environment_name: str, *, production: bool
) -> tuple[int, dict[str, Row[Any]]]:
    """Return the number of an environment, and what runs of a service there, by slot.

    It is recorded if nobody knows it. Cost: one statement where nothing has to be changed.
    """
    named = {"environment": environment_name, "service": service}
    rows = connection.execute(_THERE, named).all()
    opened = {row.slot: row for row in rows if row.id is not None}
    if rows and (rows[0].production or not production):
        return int(rows[0].there), opened
    return environment_id(connection, environment_name, production=production), opened


def _all_open(connection: Connection, service: int, environment: int) -> dict[str, Row[Any]]:
    """Return the rows of what runs of a service, by slot."""
    deployment = tables.deployment
    found = connection.execute(
        select(deployment).where(
            deployment.c.service_id == service,
            deployment.c.environment_id == environment,
            deployment.c.ended_at.is_(None),
        )
    )
    return {row.slot: row for row in found}


def _end(connection: Connection, opened: Sequence[Row[Any]], at: datetime) -> None:
    deployment, live = tables.deployment, tables.live_requirement
    for one in opened:
        # A clock that is behind must not end it before it began.
        ended_at = max(at, one.started_at)
        connection.execute(
            update(deployment).where(deployment.c.id == one.id).values(ended_at=ended_at)
        )
        connection.execute(delete(live).where(live.c.deployment_id == one.id))


def _keep_requirements() -> Insert:
    """Copy what is open in a slot needs to where questions about what is live look for it."""
    place, of, needs = tables.deployment, tables.release, tables.requirement
    columns = {
        "deployment_id": place.c.id,
        "release_id": place.c.release_id,
        "environment_id": place.c.environment_id,
        "dependent_id": place.c.service_id,
        "slot": place.c.slot,
        "version": of.c.label,
        "scheme": of.c.scheme,
        "provider": needs.c.provider,
        "line": needs.c.line,
        "written": needs.c.written,
    }
    needed = (
        select(*columns.values())
        .join_from(place, of, place.c.release_id == of.c.id)
        .join(needs, needs.c.requirement_set_id == place.c.requirement_set_id)
        .where(
            place.c.service_id == bindparam("opened_service", type_=place.c.id.type),
            place.c.environment_id == bindparam("opened_in", type_=place.c.id.type),
            place.c.slot == bindparam("opened_slot", type_=place.c.slot.type),
            place.c.ended_at.is_(None),
        )
    )
    return insert(tables.live_requirement).from_select([*columns], needed)


# Its number is not asked for: what it needs is kept for what is open in the slot.
_OPEN = insert(tables.deployment).inline()
_KEEP_REQUIREMENTS = _keep_requirements()


def _add(connection: Connection, service: int, release: Release, content: dict[str, Any]) -> int:
    version = release.version
    added = connection.execute(
        insert(tables.release).values(
            service_id=service,
            label=str(version),
            scheme=version.scheme,
            line=version.line,
            order=version.order,
            final=release.final,
            **content,
        )
    )
    return number_of(added.inserted_primary_key)


def _known(connection: Connection, release: Release) -> tuple[int, int, Row[Any] | None]:
    """Return the numbers of a service and of the set with just these requirements, and the row.

    Cost: one statement where both are known.
    """
    requirements = _by_provider(release)
    written = "\n".join(sorted(requirement.written for requirement in requirements))
    digest = hashlib.sha256(written.encode()).hexdigest()
    version = release.version
    rows = connection.execute(
        _KNOWN,
        {
            "name": release.service,
            "digest": digest,
            "order": version.order,
            "scheme": version.scheme,
        },
    ).all()
    service, requirement_set = rows[0].of_service, rows[0].of_set
    if service is None:
        service = service_id(connection, release.service)
    if requirement_set is None:
        requirement_set = _add_set(connection, digest, requirements)
    same = _same_version((row for row in rows if row.id is not None), version)
    return int(service), int(requirement_set), same


_numbers = select(
    NUMBER_OF_SERVICE.scalar_subquery().label("of_service"),
    select(tables.requirement_set.c.id)
    .where(tables.requirement_set.c.digest == bindparam("digest"))
    .scalar_subquery()
    .label("of_set"),
).subquery()
_KNOWN = select(_numbers, tables.release).join_from(
    _numbers,
    tables.release,
    (tables.release.c.service_id == _numbers.c.of_service)
    & (tables.release.c.order == bindparam("order", type_=tables.release.c.order.type))
    & (tables.release.c.scheme == bindparam("scheme", type_=tables.release.c.scheme.type)),
    isouter=True,
)


def _add_set(connection: Connection, digest: str, requirements: Sequence[Requirement]) -> int:
    lines = " ".join(sorted(f"{one.provider}:{one.line}" for one in requirements))
    sets = tables.requirement_set
    added = connection.execute(insert(sets).values(digest=digest, lines=lines))
    number = number_of(added.inserted_primary_key)
    rows = [
        {
            "requirement_set_id": number,
            "provider": requirement.provider,
            "line": requirement.line,
            "written": requirement.written,
        }
        for requirement in requirements
    ]
    if rows:
        connection.execute(insert(tables.requirement), rows)
    return number


def _by_provider(release: Release) -> tuple[Requirement, ...]:
    found: dict[str, Requirement] = {}
    for requirement in release.requirements:
        other = found.setdefault(requirement.provider, requirement)
        if other.written != requirement.written:
            raise UsageError(
                f"{release.service} {release.version} needs {requirement.provider} twice: "
                f"{other} and {requirement}",
                hint="Name each service once, with the version that is called.",
            )
    return tuple(found.values())


def _declared(release: Release, known: Row[Any], name: str, given: str) -> str:
    """Return what it says about itself in a column.

    Of a final release what is known stays, and what nobody had said is added; a candidate of
    another commit begins anew.
    """
    before = str(getattr(known, name))
    if before and known.final:
        return before
    return given or (before if known.commit == release.commit else "")


def _already_released(release: Release, known: Row[Any], differs: list[str]) -> RefusedError:
    what = f"{release.service} {release.version}"
    how = ""
    if "commit" not in differs:
        words = {"contract_digest": "another contract", "requirement_set_id": "other requirements"}
        how = " with " + " and ".join(words[name] for name in differs)
    return RefusedError(
        f"{what} is already released from commit {known.commit}{how}",
        hint="A release never changes: choose the next version.",
    )
