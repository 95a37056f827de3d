"""Recording where a release runs, inside a transaction that somebody else opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Insert, Row, bindparam, delete, insert, select, update

from ci_steps.dictionary import drift, tables
from ci_steps.dictionary.recording import Effect, environment_id, service_id
from ci_steps.dictionary.release_recording import Recorded, find_release
from ci_steps.outside.databases.writes import at_once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ci_steps.model import Deployment


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
