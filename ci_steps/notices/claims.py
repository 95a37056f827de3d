"""The rows of the outbox: claimed by one job at a time, and what became of each try.

pending -> sending -> sent | failed | unknown, or back to pending; suppressed when nothing is
left to do. A row is claimed and its bytes are kept before the network is touched. Whoever
dies in between leaves a row of which nobody can say whether it was carried out: it becomes
unknown, and is never sent again blindly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, Select, func, select, update

from ci_steps.dictionary.tables import attempt, outbox, owner
from ci_steps.notices.addressing import enqueue, route
from ci_steps.notices.facts import line, message_of
from ci_steps.protocols import Channel, Delivery, Outcome

Channels: TypeAlias = Mapping[str, tuple[Channel, Any]]

PENDING, SENDING, SENT = "pending", "sending", "sent"
FAILED, UNKNOWN, SUPPRESSED = "failed", "unknown", "suppressed"

_BACKOFF_MINUTES = (1, 2, 5, 15, 60)
_TEXT_LIMIT = 500

# A mail server is asked up to ten things, and each answer may take the channel's time-out.
_MOST_ANSWERS = 10
_SPARE = timedelta(seconds=60)
_DEFAULT_TIMEOUT_SECONDS = 20.0

_LOST = Delivery(Outcome.UNKNOWN, "the job that sent it ended before the answer came")


@dataclass(frozen=True)
class Claim:
    """A row that is ours until its lease ends, with the bytes to send."""

    id: int
    line: str
    channel: str
    address: str
    payload: bytes


def rows() -> Select[Any]:
    """Return the question for outbox rows with the names of their owners, in their order."""
    return (
        select(outbox, owner.c.name.label("owner"))
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .order_by(outbox.c.not_before, outbox.c.id)
    )


def claim(connection: Connection, channels: Channels, now: datetime) -> Claim | None:
    """Take the next row that is due, and put its message into words if nobody has yet."""
    due = (
        select(outbox)
        .where(
            outbox.c.state == PENDING,
            outbox.c.not_before <= now,
            outbox.c.channel.in_(sorted(channels)),
        )
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (row := connection.execute(due).one_or_none()) is not None:
        taken = _take(connection, row, *channels[row.channel], now)
        if taken is not None:
            return taken
    return None


def record(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    """Write down what became of a try."""
    _write_attempt(connection, claimed.id, delivery, now)
    known = {"lease_until": None, "error": _said(delivery)}
    if delivery.outcome is Outcome.SENT:
        done = {"receipt": delivery.receipt, "sent_at": now, "error": ""}
        _set(connection, claimed.id, **{**known, **done}, state=SENT)
    elif delivery.outcome is Outcome.NOT_TAKEN:
        later = _next_try(connection, claimed.id, delivery, now)
        _set(connection, claimed.id, **known, state=PENDING, not_before=later)
        if delivery.retry_after_seconds:
            _rest(connection, claimed.channel, later)
    elif delivery.outcome is Outcome.CONFIGURATION:
        # Put into words again: what is wrong may be in the message, such as its sender.
        _set(connection, claimed.id, **known, state=PENDING, payload=None)
    else:
        state = UNKNOWN if delivery.outcome is Outcome.UNKNOWN else FAILED
        _set(connection, claimed.id, **known, state=state)


def give_up_lost(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Mark what was being sent by jobs that are gone as unknown, and say so."""
    lost = rows().where(outbox.c.state == SENDING, outbox.c.lease_until < now)
    said = []
    for row in connection.execute(lost).all():
        _write_attempt(connection, row.id, _LOST, now)
        _set(connection, row.id, state=UNKNOWN, error=_said(_LOST), lease_until=None)
        said.append(f"{route(row.owner, row.channel, row.address)}: {_LOST.text}")
    return tuple(said)


def _take(
    connection: Connection, row: Row[Any], channel: Channel, options: Any, now: datetime
) -> Claim | None:
    message = message_of(connection, row)
    if message is None:
        # Either all is done, or the services have gone to owners who are not addressed yet.
        _set(connection, row.id, state=SUPPRESSED)
        enqueue(connection, row.event_id, (row.channel,), now)
        return None
    said = line(message, row.channel, row.address)
    try:
        payload = row.payload or channel.payload(message, row.address, options)
    except Exception as error:  # a stranger's plug or template: the others must still go
        not_written = Delivery(Outcome.NOT_TAKEN, f"it cannot be put into words: {error}")
        record(connection, Claim(row.id, said, row.channel, row.address, b""), not_written, now)
        return None
    _set(
        connection,
        row.id,
        state=SENDING,
        payload=payload,
        attempts=row.attempts + 1,
        lease_until=now + _lease(options),
    )
    return Claim(row.id, said, row.channel, row.address, payload)


def _lease(options: Any) -> timedelta:
    timeout = getattr(options, "timeout_seconds", _DEFAULT_TIMEOUT_SECONDS)
    return timedelta(seconds=_MOST_ANSWERS * timeout) + _SPARE


def _next_try(connection: Connection, row_id: int, delivery: Delivery, now: datetime) -> datetime:
    if delivery.retry_after_seconds:
        return now + timedelta(seconds=delivery.retry_after_seconds)
    tries = connection.scalar(
        select(func.count())
        .select_from(attempt)
        .where(attempt.c.outbox_id == row_id, attempt.c.outcome == Outcome.NOT_TAKEN.value)
    )
    minutes = _BACKOFF_MINUTES[min(tries or 1, len(_BACKOFF_MINUTES)) - 1]
    return now + timedelta(minutes=minutes)


def _rest(connection: Connection, channel: str, until: datetime) -> None:
    """Let everything else for a receiver wait that has asked for a pause."""
    connection.execute(
        update(outbox)
        .where(outbox.c.channel == channel, outbox.c.state == PENDING, outbox.c.not_before < until)
        .values(not_before=until)
    )


def _write_attempt(connection: Connection, row_id: int, delivery: Delivery, now: datetime) -> None:
    connection.execute(
        attempt.insert().values(
            outbox_id=row_id, at=now, outcome=delivery.outcome.value, text=_said(delivery)
        )
    )


def _said(delivery: Delivery) -> str:
    return " ".join((delivery.text or delivery.outcome.value).split())[:_TEXT_LIMIT]


def _set(connection: Connection, row_id: int, **values: Any) -> None:
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(**values))
