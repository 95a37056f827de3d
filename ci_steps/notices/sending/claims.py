"""Claiming a row of the outbox: by one job at a time, until its lease ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, Select, select, update

from ci_steps.dictionary.tables import outbox, owner
from ci_steps.notices.addressing import enqueue
from ci_steps.notices.facts import line
from ci_steps.notices.sending import attempts
from ci_steps.notices.sending.abilities import worded
from ci_steps.notices.stages import ANNOUNCED
from ci_steps.notices.states import PENDING, SENDING, SUPPRESSED, UNKNOWN, WAITING
from ci_steps.notices.telling import told
from ci_steps.notices.threads import has_its_turn
from ci_steps.protocols import Channel, Delivery, Outcome

Channels: TypeAlias = Mapping[str, tuple[Channel, Any]]

# A mail server is asked up to ten things, and each answer may take the channel's time-out.
_MOST_ANSWERS = 10
_SPARE = timedelta(seconds=60)
_DEFAULT_TIMEOUT_SECONDS = 20.0
_LATER = timedelta(minutes=15)

_LOST = Delivery(Outcome.UNKNOWN, "the job that sent it ended before the answer came")


@dataclass(frozen=True)
class Claim:
    """A row that is ours until its lease ends, with the bytes to send.

    Of one that `is_unknown` an earlier try, none before `since`, may have arrived.
    """

    id: int
    line: str
    channel: str
    address: str
    stage: str
    payload: bytes
    since: datetime
    is_unknown: bool = False


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
            outbox.c.state.in_(WAITING),
            outbox.c.not_before <= now,
            outbox.c.channel.in_(sorted(channels)),
            has_its_turn(),
        )
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=outbox)
    )
    while (row := connection.execute(due).one_or_none()) is not None:
        taken = _take(connection, row, *channels[row.channel], now)
        if taken is not None:
            return taken
    return None


def give_up_lost(connection: Connection, now: datetime) -> None:
    """Mark what was being sent by jobs that are gone as unknown; it is looked up next."""
    lost = select(outbox.c.id).where(outbox.c.state == SENDING, outbox.c.lease_until < now)
    for row in connection.execute(lost.with_for_update(skip_locked=True)).all():
        attempts.finish(connection, row.id, _LOST, now)
        change(
            connection,
            row.id,
            state=UNKNOWN,
            error=attempts.said(_LOST),
            lease_until=None,
            not_before=now,
        )


def change(connection: Connection, row_id: int, **values: Any) -> None:
    """Change a row of the outbox."""
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


def _take(
    connection: Connection, row: Row[Any], channel: Channel, options: Any, now: datetime
) -> Claim | None:
    message = told(connection, row)
    if message is None:
        _hold_back(connection, row, now)
        return None
    plain = attempts.number(connection, row.id, Outcome.PAYLOAD) > 0
    try:
        payload = row.payload or worded(channel, message, row.address, options, plain=plain)
    except Exception as error:  # a stranger's plug or template: the others must still go
        _put_off(connection, row, error, now)
        return None
    since = attempts.first_at(connection, row.id, now)
    attempts.begin(connection, row.id, now)
    change(
        connection,
        row.id,
        state=SENDING,
        payload=payload,
        attempts=row.attempts + 1,
        lease_until=now + _lease(options),
    )
    return Claim(
        row.id,
        line(message, row.channel, row.address),
        row.channel,
        row.address,
        row.stage,
        payload,
        since,
        row.state == UNKNOWN,
    )


def _hold_back(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Send nothing: all is done, or the services have gone to owners who are not addressed yet."""
    change(connection, row.id, state=SUPPRESSED)
    if row.stage == ANNOUNCED:
        enqueue(connection, row.event_id, (row.channel,), now)


def _put_off(connection: Connection, row: Row[Any], error: Exception, now: datetime) -> None:
    not_written = Delivery(Outcome.NOT_TAKEN, f"it cannot be put into words: {error}")
    attempts.finish(connection, row.id, not_written, now)
    said = attempts.said(not_written)
    change(connection, row.id, state=PENDING, not_before=now + _LATER, error=said)


def _lease(options: Any) -> timedelta:
    timeout = getattr(options, "timeout_seconds", _DEFAULT_TIMEOUT_SECONDS)
    return timedelta(seconds=_MOST_ANSWERS * timeout) + _SPARE
