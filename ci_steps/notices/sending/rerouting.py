"""When a contact cannot be told: the owner's other contacts are, and else whoever is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, exists, select

from ci_steps.dictionary.tables import attempt, contact, event, outbox, owner, service
from ci_steps.notices.addressing import normalised, row_for
from ci_steps.notices.events import insert_new
from ci_steps.notices.sending import attempts
from ci_steps.notices.stages import PROVIDERS, STATES, UNREACHED, URGENT, kind_of
from ci_steps.notices.states import FAILED, SUPPRESSED, WAITING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

# A wrong token is often corrected within the hour, and then nobody is told twice.
_PATIENCE = timedelta(hours=1)
_MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Ways:
    """The channels that a job may use instead, and the owner who hears of what nobody heard."""

    channels: Collection[str]
    catch_all: str = ""


def reroute(connection: Connection, row_id: int, ways: Ways, now: datetime) -> str:
    """Write the same notice for the owner's other contacts; return who is told instead.

    Where there is no other contact, and no other message on its way, the catch-all is told
    that nobody could be; without one, the provider's owner.
    """
    row = connection.execute(select(outbox).where(outbox.c.id == row_id)).one()
    kind = kind_of(row.stage)
    if kind in {*STATES.values(), UNREACHED}:
        return ""
    if kind in PROVIDERS:
        return "nobody else is told how far the others are"
    others = _contacts(connection, row.owner_id, ways.channels, but=row.channel)
    stage, owner_id = row.stage, row.owner_id
    if not others and not _is_told_elsewhere(connection, row):
        owner_id = _last_resort(connection, row, ways)
        others = _contacts(connection, owner_id, {*ways.channels, row.channel}) if owner_id else ()
        stage = f"{UNREACHED}@{row.owner_id}"
    rows = [
        row_for(row.event_id, owner_id, channel, address, stage, now) for channel, address in others
    ]
    insert_new(connection, outbox, rows)
    text = _said(others, nobody=stage != row.stage)
    attempts.note(connection, row_id, attempts.REROUTED, text, now)
    return text


def take_over(
    connection: Connection, channel: str, since: datetime, ways: Ways, now: datetime
) -> tuple[str, ...]:
    """Reroute what waits for a channel that has not been set up right for an hour.

    What is urgent does not wait for the hour.
    """
    done = exists().where(
        attempt.c.outbox_id == outbox.c.id, attempt.c.outcome == attempts.REROUTED
    )
    waiting = (
        select(outbox.c.id, outbox.c.stage)
        .where(outbox.c.channel == channel, outbox.c.state.in_(WAITING), ~done)
        .order_by(outbox.c.id)
        .limit(_MOST_AT_ONCE)
    )
    is_over = now - since >= _PATIENCE
    return tuple(
        reroute(connection, row.id, ways, now)
        for row in connection.execute(waiting).all()
        if is_over or kind_of(row.stage) == URGENT
    )


def _contacts(
    connection: Connection, owner_id: int | None, channels: Collection[str], *, but: str = ""
) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(
        select(contact.c.channel, contact.c.address)
        .where(
            contact.c.owner_id == owner_id,
            contact.c.channel.in_(sorted(set(channels) - {but})),
        )
        .order_by(contact.c.channel, contact.c.address)
    )
    return tuple((row.channel, normalised(row.address)) for row in rows)


def _is_told_elsewhere(connection: Connection, row: Row[Any]) -> bool:
    elsewhere = exists().where(
        outbox.c.event_id == row.event_id,
        outbox.c.owner_id == row.owner_id,
        outbox.c.stage == row.stage,
        outbox.c.id != row.id,
        outbox.c.state.not_in((FAILED, SUPPRESSED)),
    )
    return bool(connection.scalar(select(elsewhere)))


def _last_resort(connection: Connection, row: Row[Any], ways: Ways) -> int | None:
    named = select(owner.c.id).where(owner.c.name == ways.catch_all)
    found: int | None = connection.scalar(named) if ways.catch_all else None
    if found is None:
        provider = select(service.c.owner_id).join(event, event.c.service_id == service.c.id)
        found = connection.scalar(provider.where(event.c.id == row.event_id))
    return found


def _said(others: tuple[tuple[str, str], ...], *, nobody: bool) -> str:
    who = ", ".join(f"{channel} {address}" for channel, address in others)
    if not nobody:
        return f"told by {who} instead" if who else "told by another contact"
    return f"nobody could be told; {who} hears of that" if who else "nobody could be told"
