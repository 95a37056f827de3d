"""Who is told: the contacts of the owners of obliged services, each of them once."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from ci_steps.dictionary.tables import contact, obligation, outbox, owner, service
from ci_steps.model import Contact, Owner
from ci_steps.notices.events import insert_new

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

ANNOUNCED = "announced"


def enqueue(connection: Connection, event_id: int, channels: Sequence[str], at: datetime) -> None:
    """Write one outbox row for every contact that an event concerns and that has none.

    An owner of many services gets one message, and so does a contact of two owners.
    """
    found = connection.execute(
        select(owner.c.name, owner.c.id, contact.c.channel, contact.c.address)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .join(owner, service.c.owner_id == owner.c.id)
        .join(contact, contact.c.owner_id == owner.c.id)
        .where(
            obligation.c.event_id == event_id,
            obligation.c.done_at.is_(None),
            contact.c.channel.in_(channels),
        )
        .distinct()
        .order_by(owner.c.name, contact.c.channel, contact.c.address)
    )
    rows = [
        {
            "event_id": event_id,
            "owner_id": row.id,
            "channel": row.channel,
            "address": normalised(row.address),
            "stage": ANNOUNCED,
            "created_at": at,
            "not_before": at,
        }
        for row in found
    ]
    insert_new(connection, outbox, rows)


def normalised(address: str) -> str:
    """Return *address* so that two spellings of one mailbox are one contact."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}" if local and at else address.strip()


def owners_at(connection: Connection, channel: str, address: str) -> frozenset[int]:
    """Return the ids of all owners who are reached at one contact."""
    rows = connection.execute(
        select(contact.c.owner_id, contact.c.address).where(
            contact.c.channel == channel, func.lower(contact.c.address).contains(address.lower())
        )
    )
    return frozenset(row.owner_id for row in rows if normalised(row.address) == address)


def read_owners(connection: Connection, owner_ids: Iterable[int | None]) -> dict[int, Owner]:
    """Return owners with all their contacts, by id."""
    wanted = sorted({one for one in owner_ids if one is not None})
    rows = connection.execute(
        select(owner.c.id, owner.c.name, owner.c.title, contact.c.channel, contact.c.address)
        .join_from(owner, contact, contact.c.owner_id == owner.c.id, isouter=True)
        .where(owner.c.id.in_(wanted))
        .order_by(owner.c.id, contact.c.channel, contact.c.address)
    )
    found: dict[int, Owner] = {}
    for row in rows:
        before = found.get(row.id, Owner(row.name, row.title))
        more = () if row.channel is None else (Contact(row.channel, row.address),)
        found[row.id] = replace(before, contacts=before.contacts + more)
    return found


def addressed(connection: Connection, event_id: int) -> tuple[str, ...]:
    """Return who is told about an event, as people read it."""
    rows = connection.execute(
        select(owner.c.name, outbox.c.channel, outbox.c.address)
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .where(outbox.c.event_id == event_id)
        .order_by(owner.c.name, outbox.c.channel, outbox.c.address)
    )
    return tuple(route(*row) for row in rows)


def route(owner_name: str, channel: str, address: str) -> str:
    """Return an owner and a contact as people read them: ``gis-team (slack #gis-team)``."""
    return f"{owner_name} ({channel} {address})"


def key_of(*parts: str) -> str:
    """Return what names a message in every database, rehearsals included."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
