"""The very message that a release would send, also of one that is not there yet."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, select

from ci_steps.dictionary.tables import event, outbox, owner, service
from ci_steps.model import Deployment
from ci_steps.notices import schedule
from ci_steps.notices.events import MAJOR
from ci_steps.notices.facts import message_of
from ci_steps.notices.moving.obligations import announce
from ci_steps.notices.moving.terms import filled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.notices.moving.terms import Terms
    from ci_steps.protocols import Message
    from ci_steps.versions import Version


@dataclass(frozen=True)
class Wanted:
    """Which messages are looked at: those about a release, at a stage, to an owner or to all."""

    service: str
    version: Version
    environment: str
    stage: str = "announced"
    owner: str = ""


class _UndoneError(Exception):
    """What was written to be looked at is taken back."""


def previews(
    dictionary: Transactions,
    wanted: Wanted,
    channels: Sequence[str],
    terms: Terms,
    now: datetime,
    grace_days: int | None = None,
) -> tuple[Message, ...]:
    """Return the messages, one for each contact; the dictionary stays as it was."""
    found: list[Message] = []
    said = filled(terms, wanted.service, wanted.version)

    def announce_and_look(connection: Connection) -> None:
        deployed = Deployment(
            wanted.service, wanted.version, "", wanted.environment, wanted.version.line, now
        )
        due = schedule.due_day(now.date(), grace_days, terms.calendars.of(""))
        announce(connection, deployed, due=due, at=now, channels=channels, terms=said)
        found.extend(_messages(connection, wanted))
        raise _UndoneError

    with suppress(_UndoneError):
        dictionary.write(announce_and_look)
    return tuple(found)


def _messages(connection: Connection, wanted: Wanted) -> list[Message]:
    rows = connection.execute(
        select(outbox, owner.c.name.label("owner"))
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .join(event, outbox.c.event_id == event.c.id)
        .join(service, event.c.service_id == service.c.id)
        .where(
            event.c.kind == MAJOR,
            service.c.name == wanted.service,
            event.c.to == wanted.version.floor,
            event.c.environment == wanted.environment,
        )
        .order_by(owner.c.name, outbox.c.channel, outbox.c.address, outbox.c.id)
    ).mappings()
    contacts: dict[tuple[str, str], Any] = {}
    for row in rows:
        if wanted.owner in ("", row["owner"]):
            contacts.setdefault((row["channel"], row["address"]), row)
    at_stage = [SimpleNamespace(**{**row, "stage": wanted.stage}) for row in contacts.values()]
    messages = [message_of(connection, cast("Row[Any]", row)) for row in at_stage]
    return [one for one in messages if one is not None]
