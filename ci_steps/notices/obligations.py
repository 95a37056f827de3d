"""Who must move to a new version by when: written with the release, ended by a deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, exists, select, update

from ci_steps.dictionary.tables import contact, event, obligation, outbox, owner, service
from ci_steps.model import Deployment, Obligation, Owner
from ci_steps.notices.addressing import addressed, enqueue, owners_at, read_owners
from ci_steps.notices.dependents import (
    Affected,
    affected,
    is_obliged,
    live_requirements,
    read,
    taken_up_at,
)
from ci_steps.notices.events import MAJOR, Event, insert_new, record_event
from ci_steps.protocols import Announced
from ci_steps.versions import Requirement, Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


@dataclass(frozen=True)
class Told:
    """An owner with what obliges them; None are the services that nobody owns."""

    owner: Owner | None
    affected: tuple[Affected, ...]


def who(
    connection: Connection, provider: str, version: Version, environment: str
) -> tuple[Told, ...]:
    """Return who would be told of *version*, and why, by owner; nothing is written."""
    by_owner: dict[str, list[Affected]] = {}
    for one in affected(connection, provider, version, environment):
        by_owner.setdefault(one.dependent.owner, []).append(one)
    ids = {name: of_owner[0].owner_id for name, of_owner in sorted(by_owner.items())}
    owners = read_owners(connection, ids.values())
    return tuple(
        Told(None if id_ is None else owners[id_], tuple(by_owner[name]))
        for name, id_ in ids.items()
    )


def announce(
    connection: Connection,
    deployment: Deployment,
    *,
    due: date,
    at: datetime,
    channels: Sequence[str],
    url: str = "",
) -> Announced:
    """Oblige the dependents of what was deployed, and put what their owners are told in the outbox.

    Called in the transaction that records the deployment of a release that may break its
    callers. The same again, and the next build of the same major, change nothing and return
    what was announced before.
    """
    floor = deployment.version.floor
    happened = Event(
        MAJOR,
        deployment.service,
        floor,
        deployment.environment,
        str(deployment.version),
        at,
        url=url or deployment.url,
    )
    event_id, is_new = record_event(connection, happened)
    if is_new:
        _oblige(connection, event_id, deployment, due)
        enqueue(connection, event_id, channels, at)
    owing = owed(connection, event_id)
    return Announced(
        f"{deployment.service}-{floor}",
        due=owing[0].due if owing else None,
        obligations=owing,
        unreachable=unreachable(connection, event_id, channels),
        told=addressed(connection, event_id),
        is_new=is_new,
    )


def resolve(
    connection: Connection,
    service_name: str,
    requirements: Sequence[Requirement],
    environment: str,
    at: datetime,
) -> tuple[Obligation, ...]:
    """End what the deployment of *service_name* fulfils, and return it.

    Called after the deployment's own row is written: an obligation ends when nothing of the
    service that is live in *environment* needs the old version any more. It opens again when
    an older release comes back.
    """
    needs = {(one.provider, one.written) for one in requirements}
    needs.update(live_requirements(connection, service_name, environment))
    ended = []
    for row in connection.execute(_obligations_of(service_name, environment)).all():
        is_open = _still_obliged(connection, row, needs)
        if is_open == (row.done_at is None):
            continue
        connection.execute(
            update(obligation)
            .where(obligation.c.id == row.id)
            .values(done_at=None if is_open else at)
        )
        _keep_or_suppress(connection, row.event_id)
        if not is_open:
            ended.append(replace(_obligation(row), done_at=at))
    return tuple(ended)


def owed(connection: Connection, event_id: int) -> tuple[Obligation, ...]:
    """Return every obligation of an event, done or not, by the name of the dependent."""
    rows = connection.execute(_obligations().where(obligation.c.event_id == event_id))
    return tuple(_obligation(row) for row in rows)


def owed_at(
    connection: Connection, event_id: int, owner_id: int, channel: str, address: str
) -> tuple[Obligation, ...]:
    """Return what those who are reached at one contact still have to do about an event."""
    owners = owners_at(connection, channel, address) | {owner_id}
    rows = connection.execute(
        _obligations().where(
            obligation.c.event_id == event_id,
            obligation.c.done_at.is_(None),
            service.c.owner_id.in_(sorted(owners)),
        )
    )
    return tuple(_obligation(row) for row in rows)


def unreachable(connection: Connection, event_id: int, channels: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for every obliged service whose owner cannot be told."""
    reached = exists().where(
        contact.c.owner_id == service.c.owner_id, contact.c.channel.in_(channels)
    )
    rows = connection.execute(
        _obligations().where(
            obligation.c.event_id == event_id, obligation.c.done_at.is_(None), ~reached
        )
    )
    on = " or ".join(channels) or "any channel"
    return tuple(
        f"{row.dependent}: its owner {row.owner} has no contact on {on}"
        if row.owner
        else f"{row.dependent}: nobody owns it"
        for row in rows
    )


def _oblige(connection: Connection, event_id: int, deployed: Deployment, due: date) -> None:
    found = affected(connection, deployed.service, deployed.version, deployed.environment)
    rows = [
        {
            "event_id": event_id,
            "dependent_id": one.service_id,
            "requirement": one.dependent.requirement.written,
            "due": due,
        }
        for one in found
    ]
    insert_new(connection, obligation, rows)


def _still_obliged(connection: Connection, row: Any, needs: set[tuple[str, str]]) -> bool:
    version = parse_version(row.version)
    taken_up = taken_up_at(connection, row.provider)
    return any(
        is_obliged(read(provider, written), version, taken_up)
        for provider, written in needs
        if provider == row.provider
    )


def _keep_or_suppress(connection: Connection, event_id: int) -> None:
    """Hold back the messages of which nothing is left to do, and take back what was held."""
    rows = connection.execute(
        select(outbox).where(
            outbox.c.event_id == event_id, outbox.c.state.in_(["pending", "suppressed"])
        )
    )
    for row in rows.all():
        open_ones = owed_at(connection, event_id, row.owner_id, row.channel, row.address)
        state = "pending" if open_ones else "suppressed"
        if state != row.state:
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(state=state))


def _obligations() -> Select[Any]:
    provider = service.alias("provider")
    return (
        select(
            obligation,
            service.c.name.label("dependent"),
            owner.c.name.label("owner"),
            provider.c.name.label("provider"),
            event.c.to,
            event.c.environment,
            event.c.version,
        )
        .join_from(obligation, event, obligation.c.event_id == event.c.id)
        .join(provider, event.c.service_id == provider.c.id)
        .join(service, obligation.c.dependent_id == service.c.id)
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .order_by(service.c.name)
    )


def _obligations_of(service_name: str, environment: str) -> Select[Any]:
    return _obligations().where(
        service.c.name == service_name,
        event.c.environment == environment,
        event.c.kind == MAJOR,
    )


def _obligation(row: Any) -> Obligation:
    return Obligation(
        row.dependent,
        row.requirement,
        row.provider,
        f"{row.provider}-{row.to}",
        row.environment,
        row.due,
        row.owner or "",
        row.done_at,
    )
