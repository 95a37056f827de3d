"""Who is told: the contacts of the owners of obliged services, each of them once."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, select

from ci_steps.dictionary.tables import contact, obligation, outbox, owner, service
from ci_steps.model import Contact, Owner
from ci_steps.notices.events import insert_new
from ci_steps.notices.stages import ADDED, ANNOUNCED, FIRST, PROVIDERS, SUPERSEDED
from ci_steps.notices.states import PENDING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime


def enqueue(
    connection: Connection,
    event_id: int,
    channels: Sequence[str],
    at: datetime,
    stage: str = ANNOUNCED,
    *,
    superseded: Collection[int] = (),
) -> None:
    """Write one outbox row for every contact that an event concerns and that has none.

    An owner of many services gets one message, and so does a contact of two owners. Owners
    in *superseded* were told of an older event, which this one replaces.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in connection.execute(_concerned(event_id, channels)):
        is_told = row.id in superseded
        mine = row_for(event_id, row.id, row.channel, row.address, stage, at)
        first = rows.setdefault((mine["channel"], mine["address"]), mine)
        first["stage"] = SUPERSEDED if is_told else first["stage"]
    insert_new(connection, outbox, list(rows.values()))


def enqueue_added(
    connection: Connection, event_id: int, channels: Sequence[str], at: datetime
) -> bool:
    """Tell those whose services were found *at* this time: as an addition to what they know.

    Return whether there were any.
    """
    known = connection.execute(
        select(outbox.c.channel, outbox.c.address, outbox.c.stage, outbox.c.state).where(
            outbox.c.event_id == event_id
        )
    ).all()
    found = connection.execute(_concerned(event_id, channels, since=at)).all()
    for row in found:
        mine = row_for(event_id, row.id, row.channel, row.address, ANNOUNCED, at)
        here = [one for one in known if (one.channel, one.address) == _contact(mine)]
        if here and not any(one.state == PENDING and one.stage in FIRST for one in here):
            number = 1 + sum(one.stage.startswith(ADDED) for one in here)
            mine["stage"] = ADDED if number == 1 else f"{ADDED}+{number}"
        insert_new(connection, outbox, [mine])
    return bool(found)


def _contact(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["channel"], row["address"]


def row_for(
    event_id: int, owner_id: int, channel: str, address: str, stage: str, at: datetime
) -> dict[str, Any]:
    """Return a row of the outbox that may be sent at once."""
    return {
        "event_id": event_id,
        "owner_id": owner_id,
        "channel": channel,
        "address": normalised(address),
        "stage": stage,
        "created_at": at,
        "not_before": at,
    }


def contacts_of(
    connection: Connection, owner_ids: Iterable[int], channels: Sequence[str]
) -> tuple[Any, ...]:
    """Return the contacts of owners on some channels: rows with id, channel and address."""
    return tuple(
        connection.execute(
            select(owner.c.id, contact.c.channel, contact.c.address)
            .join_from(owner, contact, contact.c.owner_id == owner.c.id)
            .where(owner.c.id.in_(sorted(set(owner_ids))), contact.c.channel.in_(channels))
            .order_by(owner.c.name, contact.c.channel, contact.c.address)
        )
    )


def _concerned(
    event_id: int, channels: Sequence[str], since: datetime | None = None
) -> Select[Any]:
    asked = (
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
    return asked.where(obligation.c.since >= since) if since else asked


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
        .where(outbox.c.event_id == event_id, outbox.c.stage.not_in(sorted(PROVIDERS)))
        .order_by(owner.c.name, outbox.c.channel, outbox.c.address)
    )
    return tuple(route(*row) for row in rows)


def route(owner_name: str, channel: str, address: str) -> str:
    """Return an owner and a contact as people read them: ``gis-team (slack #gis-team)``."""
    return f"{owner_name} ({channel} {address})"


def untold(service_name: str, owner_name: str | None, channels: Sequence[str]) -> str:
    """Return why the owner of a service cannot be told by any of *channels*."""
    if not owner_name:
        return f"{service_name}: nobody owns it"
    on = " or ".join(channels) or "any channel"
    return f"{service_name}: its owner {owner_name} has no contact on {on}"


def key_of(*parts: str) -> str:
    """Return what names a message in every database, rehearsals included."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
