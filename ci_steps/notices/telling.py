"""A row of the outbox -> the message its contact gets: the facts, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from ci_steps.dictionary.tables import outbox
from ci_steps.notices.addressing import key_of, read_owners
from ci_steps.notices.facts import message_of
from ci_steps.notices.stages import ANNOUNCED, UNREACHED, kind_of
from ci_steps.notices.threads import in_thread

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from ci_steps.protocols import Message


def told(connection: Connection, row: Row[Any]) -> Message | None:
    """Return what the contact of a row is told; None when nothing is left to say."""
    if kind_of(row.stage) == UNREACHED:
        return _unreached(connection, row)
    message = message_of(connection, row)
    return in_thread(connection, message, row) if message else None


def _unreached(connection: Connection, row: Row[Any]) -> Message | None:
    """Return what an owner should have been told, for somebody who can do something about it."""
    owner_id = int(row.stage.partition("@")[2])
    whole = connection.execute(select(outbox).where(outbox.c.id == row.id)).mappings().one()
    values = {"stage": ANNOUNCED, "owner_id": owner_id, "channel": "", "address": ""}
    meant = SimpleNamespace(**{**whole, **values})
    message = message_of(connection, cast("Row[Any]", meant))
    if message is None:
        return None
    owner = read_owners(connection, (row.owner_id,))[row.owner_id]
    key = key_of(message.key, row.channel, row.address, row.stage)
    return replace(message, key=key, stage=row.stage, contact_owner=owner)
