"""What is owed: the obligations of an event, and those that a message is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, exists, func, or_, select

from ci_steps.dictionary.owner_details import LEAD, PARENT
from ci_steps.dictionary.tables import (
    acknowledgement,
    contact,
    event,
    obligation,
    owner,
    owner_detail,
    owner_relation,
    service,
)
from ci_steps.model import Acknowledged, Obligation
from ci_steps.notices import stages
from ci_steps.notices.addressing import owners_at, untold
from ci_steps.notices.events import MAJOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

MOVED, WITHDRAWN, SUPERSEDED = "", "withdrawn", "superseded"


def owed(connection: Connection, event_id: int) -> tuple[Obligation, ...]:
    """Return every obligation of an event, done or not, by the name of the dependent."""
    rows = connection.execute(obligations().where(obligation.c.event_id == event_id))
    return tuple(map(of_row, rows))


def owed_at(
    connection: Connection, event_id: int, owner_id: int, channel: str, address: str
) -> tuple[Obligation, ...]:
    """Return what those who are reached at one contact still have to do about an event."""
    return tuple(
        one
        for one in _all_at(connection, event_id, owner_id, channel, address)
        if one.done_at is None
    )


def about(connection: Connection, row: Row[Any]) -> tuple[Obligation, ...]:
    """Return the obligations that a message of the outbox is about, done or not.

    Whoever owns, it is theirs; a lead is told of those of the teams below, and a provider of all.
    """
    if stages.kind_of(row.stage) in stages.PROVIDERS:
        return owed(connection, row.event_id)
    if stages.kind_of(row.stage) == stages.ESCALATED:
        return _escalated_to(connection, row.event_id, row.owner_id)
    found = _all_at(connection, row.event_id, row.owner_id, row.channel, row.address)
    if stages.kind_of(row.stage) == stages.ADDED:
        ids = _added_since(connection, row.event_id, row.created_at)
        return tuple(one for one in found if one.dependent in ids)
    return found


def endings(connection: Connection, event_id: int) -> dict[str, str]:
    """Return why each obligation of an event is over, by dependent; moved is nothing."""
    rows = connection.execute(
        select(service.c.name, obligation.c.ended)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .where(obligation.c.event_id == event_id)
    )
    return {row.name: row.ended for row in rows}


def unreachable(connection: Connection, event_id: int, channels: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for every obliged service whose owner cannot be told."""
    reached = exists().where(
        contact.c.owner_id == service.c.owner_id, contact.c.channel.in_(channels)
    )
    rows = connection.execute(
        obligations().where(
            obligation.c.event_id == event_id, obligation.c.done_at.is_(None), ~reached
        )
    )
    return tuple(untold(row.dependent, row.owner, channels) for row in rows)


def obligations() -> Select[Any]:
    """Return the question for obligations, with what is known around them."""
    provider = service.alias("provider")
    latest = select(func.max(acknowledgement.c.id)).group_by(acknowledgement.c.obligation_id)
    said = acknowledgement.c
    return (
        select(
            obligation,
            service.c.name.label("dependent"),
            service.c.repository,
            service.c.owner_id,
            owner.c.name.label("owner"),
            owner_detail.c.time_zone,
            provider.c.name.label("provider"),
            provider.c.owner_id.label("provider_owner_id"),
            event.c.to,
            event.c.environment,
            event.c.version,
            event.c.terms,
            said.until,
            said.reason,
            said.by,
            said.on_behalf_of,
            said.at.label("said_at"),
        )
        .join_from(obligation, event, obligation.c.event_id == event.c.id)
        .join(provider, event.c.service_id == provider.c.id)
        .join(service, obligation.c.dependent_id == service.c.id)
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .outerjoin(owner_detail, owner_detail.c.owner_id == owner.c.id)
        .outerjoin(
            acknowledgement,
            (said.obligation_id == obligation.c.id) & said.id.in_(latest),
        )
        .where(event.c.kind == MAJOR)
        .order_by(service.c.name)
    )


def of_row(row: Any) -> Obligation:
    """Return an obligation as others know it."""
    acknowledged = None
    if row.until is not None:
        acknowledged = Acknowledged(row.until, row.reason, row.by, row.on_behalf_of)
    return Obligation(
        row.dependent,
        row.requirement,
        row.provider,
        f"{row.provider}-{row.to}",
        row.environment,
        row.due,
        row.owner or "",
        row.done_at,
        row.repository,
        acknowledged,
        row.place,
        row.commit,
        row.seen_at is not None,
    )


def leads_of(connection: Connection, owner_ids: Sequence[int]) -> dict[int, int]:
    """Return who leads owners, by id: their lead, or the team that they are a part of."""
    relation = owner_relation.c
    rows = connection.execute(
        select(relation.owner_id, relation.other_id)
        .where(relation.owner_id.in_(owner_ids), relation.role.in_((LEAD, PARENT)))
        .order_by(relation.role.desc())  # the lead, which comes last, wins
    )
    return {row.owner_id: row.other_id for row in rows}


def _all_at(
    connection: Connection, event_id: int, owner_id: int, channel: str, address: str
) -> tuple[Obligation, ...]:
    owners = owners_at(connection, channel, address) | {owner_id}
    rows = connection.execute(
        obligations().where(
            obligation.c.event_id == event_id, service.c.owner_id.in_(sorted(owners))
        )
    )
    return tuple(map(of_row, rows))


def _escalated_to(connection: Connection, event_id: int, owner_id: int) -> tuple[Obligation, ...]:
    relation = owner_relation.c
    led = select(relation.owner_id).where(
        relation.other_id == owner_id, relation.role.in_((LEAD, PARENT))
    )
    provider = service.alias("released")
    is_provider = exists().where(
        event.c.service_id == provider.c.id, provider.c.owner_id == owner_id
    )
    rows = connection.execute(
        obligations().where(
            obligation.c.event_id == event_id,
            obligation.c.escalated != "",
            or_(service.c.owner_id.in_(led), is_provider),
        )
    )
    return tuple(map(of_row, rows))


def _added_since(connection: Connection, event_id: int, at: Any) -> set[str]:
    rows = connection.execute(
        obligations().where(obligation.c.event_id == event_id, obligation.c.since >= at)
    )
    return {row.dependent for row in rows}
