"""Recording where a release runs, inside a transaction that somebody else opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Insert, Row, bindparam, delete, insert, select, update

from ci_steps.dictionary import drift, tables
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.recording import environment_id, service_id
from ci_steps.dictionary.release_recording import Recorded
from ci_steps.dictionary.release_rows import find_release
from ci_steps.dictionary.statements.given import numbers
from ci_steps.outside.databases.writes import at_once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
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
    wanted = Opening(deployment, environment, released)
    here = opened.get(deployment.slot)
    is_open = here is not None and wanted.is_same_as(here)
    ending = {*replaces, deployment.slot} - ({deployment.slot} if is_open else set())
    ended = [Ending(opened[slot], deployment.at) for slot in sorted(ending) if slot in opened]
    with at_once(connection):
        put_deployments(connection, opened.values(), ended, [] if is_open else [wanted])
    if is_open:
        return Effect.UNCHANGED
    return Effect.ADDED if here is None else Effect.CHANGED


class Ending(NamedTuple):
    """The row of a deployment that is over, and since when."""

    row: Row[Any]
    at: datetime

    @property
    def place(self) -> tuple[int, int]:
        """Return its service and its environment by their numbers."""
        return _place(self.row)


class Opening(NamedTuple):
    """A deployment that begins, in an environment by its number."""

    deployment: Deployment
    environment: int
    released: Recorded

    @property
    def place(self) -> tuple[int, int]:
        """Return its service and its environment by their numbers."""
        return self.released.service, self.environment

    def is_same_as(self, here: Row[Any]) -> bool:
        """Return whether this is what runs *here* already."""
        same = ("release_id", "commit", "address", "digest")
        return all(getattr(here, name) == self.row[name] for name in same)

    @property
    def row(self) -> dict[str, Any]:
        """Return the row that it is kept as."""
        return {
            "service_id": self.released.service,
            "environment_id": self.environment,
            "release_id": self.released.number,
            "requirement_set_id": self.released.requirement_set,
            "slot": self.deployment.slot,
            "commit": self.deployment.commit,
            "address": self.deployment.address,
            "digest": self.deployment.digest,
            "by": self.deployment.by,
            "url": self.deployment.url,
            "started_at": self.deployment.at,
        }


def put_deployments(
    connection: Connection,
    running: Iterable[Row[Any]],
    ended: Sequence[Ending],
    opening: Sequence[Opening],
) -> None:
    """End and open deployments, whose slots are free by then; nothing is asked for.

    *running* is all that ran so far in their environments of their services. Cost: five
    statements, however many there are.
    """
    if not ended and not opening:
        return
    _end(connection, ended)
    _open(connection, opening)
    gone = {(*one.place, one.row.address) for one in ended}
    gone |= {(*one.place, one.deployment.address) for one in opening}
    over = {one.row.id for one in ended}
    kept: dict[tuple[int, int], list[str]] = {place[:2]: [] for place in sorted(gone)}
    for one in running:
        if _place(one) in kept and one.id not in over and (*_place(one), one.address) not in gone:
            kept[_place(one)].append(one.address)
    drift.keep_only(connection, kept)


def _place(row: Row[Any]) -> tuple[int, int]:
    return row.service_id, row.environment_id


def _open(connection: Connection, opening: Sequence[Opening]) -> None:
    """Add deployments to slots in which nothing runs any more, and what they need."""
    if not opening:
        return
    connection.execute(_OPEN, [one.row for one in opening])
    connection.execute(
        _KEEP_REQUIREMENTS,
        [
            {
                "opened_service": one.released.service,
                "opened_in": one.environment,
                "opened_slot": one.deployment.slot,
            }
            for one in opening
        ],
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
    running = [one for one in open_of(connection, [service]) if one.environment_id == environment]
    ended = [Ending(one, at) for one in running if one.slot == deployment.slot]
    put_deployments(connection, running, ended, [])


def _released(connection: Connection, deployment: Deployment) -> Recorded:
    service = service_id(connection, deployment.service)
    found = find_release(connection, service, deployment.version)
    if found is None:
        raise ValueError(f"{deployment.service} {deployment.version} was not recorded")
    return Recorded(Effect.UNCHANGED, service, found.id, found.requirement_set_id)


def open_of(connection: Connection, services: Collection[int]) -> Sequence[Row[Any]]:
    """Return the rows of what runs of services, by their numbers; one statement."""
    return connection.execute(_OPEN_OF, {"services": sorted(services)}).all()


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


def _end(connection: Connection, ended: Sequence[Ending]) -> None:
    if not ended:
        return
    # A clock that is behind must not end it before it began.
    rows = [{"number": row.id, "ended_at": max(at, row.started_at)} for row, at in ended]
    connection.execute(_END, rows)
    connection.execute(_FORGET_REQUIREMENTS, [{"ended": row.id} for row, _ in ended])


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


_OPEN_OF = select(tables.deployment).where(
    tables.deployment.c.service_id.in_(numbers("services")),
    tables.deployment.c.ended_at.is_(None),
)
_END = update(tables.deployment).where(tables.deployment.c.id == bindparam("number"))
_FORGET_REQUIREMENTS = delete(tables.live_requirement).where(
    tables.live_requirement.c.deployment_id == bindparam("ended")
)
# Its number is not asked for: what it needs is kept for what is open in the slot.
_OPEN = insert(tables.deployment).inline()
_KEEP_REQUIREMENTS = _keep_requirements()
