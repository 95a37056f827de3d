"""The tries of a message, kept one by one: begun with the claim, finished with the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update

from ci_steps.dictionary.tables import attempt
from ci_steps.notices.states import SENDING
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from datetime import datetime

REROUTED = "rerouted"

_TEXT_LIMIT = 500


def begin(connection: Connection, row_id: int, now: datetime) -> None:
    """Keep that a try begins."""
    connection.execute(attempt.insert().values(outbox_id=row_id, at=now, outcome=SENDING, text=""))


def finish(connection: Connection, row_id: int, delivery: Delivery, now: datetime) -> None:
    """Keep what became of the try that was begun; of one that never was, too."""
    done = connection.execute(
        update(attempt)
        .where(attempt.c.outbox_id == row_id, attempt.c.outcome == SENDING)
        .values(outcome=delivery.outcome.value, text=said(delivery))
    )
    if not done.rowcount:
        note(connection, row_id, delivery.outcome.value, said(delivery), now)


def note(connection: Connection, row_id: int, outcome: str, text: str, now: datetime) -> None:
    """Keep something that happened to a message."""
    values = {"outbox_id": row_id, "at": now, "outcome": outcome, "text": text[:_TEXT_LIMIT]}
    connection.execute(attempt.insert().values(values))


def number(connection: Connection, row_id: int, outcome: Outcome | str) -> int:
    """Return how many tries of a message came to that."""
    word = outcome.value if isinstance(outcome, Outcome) else outcome
    counted = (
        select(func.count())
        .select_from(attempt)
        .where(attempt.c.outbox_id == row_id, attempt.c.outcome == word)
    )
    return connection.scalar(counted) or 0


def first_at(connection: Connection, row_id: int, now: datetime) -> datetime:
    """Return when a message was first tried; now, where it never was."""
    first = select(attempt.c.at).where(attempt.c.outbox_id == row_id).order_by(attempt.c.id)
    return connection.scalar(first.limit(1)) or now


def said(delivery: Delivery) -> str:
    """Return the words of an outcome on one line."""
    return " ".join((delivery.text or delivery.outcome.value).split())[:_TEXT_LIMIT]
