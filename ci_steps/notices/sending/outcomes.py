"""What becomes of a row after a try: a receipt, another try later, a look, or the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import select

from ci_steps.dictionary.tables import outbox, posted
from ci_steps.notices.events import insert_new
from ci_steps.notices.sending import attempts
from ci_steps.notices.sending.claims import change
from ci_steps.notices.stages import BEFORE_DUE, DIGEST, kind_of
from ci_steps.notices.states import FAILED, PENDING, SENT, SUPPRESSED, UNKNOWN
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ci_steps.notices.sending.claims import Claim

_BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
# What could not be sent at one moment does not all come back at one moment.
_MOST_LONGER = 0.2
# A message that Slack has taken is not at once in the channel's history.
_BEFORE_LOOKING = timedelta(seconds=10)

# Another reminder comes by itself, so that one too few is better than one too many.
_HELD = frozenset({*BEFORE_DUE, DIGEST})
# Where nobody can look, each of these may be one message more.
_MOST_BLIND = 3

AGAIN = "sent again, as nobody can say whether it had arrived"


def record(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    """Write down what became of a try."""
    attempts.finish(connection, claimed.id, delivery, now)
    _FOLLOWS[delivery.outcome](connection, claimed, delivery, now)


def put_off(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    """Write down that nobody could look: it stays unknown, and is looked up later."""
    attempts.finish(connection, claimed.id, delivery, now)
    later = now + _pause(connection, claimed.id, delivery)
    _end_try(connection, claimed, delivery, state=UNKNOWN, not_before=later)


def may_repeat(connection: Connection, claimed: Claim, now: datetime) -> bool:
    """Return whether a message is sent again although it may have arrived; write down if not."""
    if kind_of(claimed.stage) in _HELD:
        text = "it may have arrived, and the next reminder follows: not repeated"
        attempts.finish(connection, claimed.id, Delivery(Outcome.UNKNOWN, text), now)
        change(connection, claimed.id, state=SUPPRESSED, error=text, lease_until=None)
        return False
    if attempts.number(connection, claimed.id, Outcome.UNKNOWN) > _MOST_BLIND:
        text = "every answer was lost, so it may have arrived several times or never"
        attempts.finish(connection, claimed.id, Delivery(Outcome.UNKNOWN, text), now)
        change(connection, claimed.id, state=FAILED, error=text, lease_until=None)
        return False
    return True


def is_over(connection: Connection, row_id: int) -> bool:
    """Return whether a message is given up, so that others must be told instead."""
    state = connection.scalar(select(outbox.c.state).where(outbox.c.id == row_id))
    return state == FAILED


def backoff(row_id: int, tries: int) -> timedelta:
    """Return how long a message waits after so many tries: up to a fifth longer than others.

    How much longer is drawn by the message and the try, so that a test sees the same.
    """
    shortest = _BACKOFF[min(max(tries, 1), len(_BACKOFF)) - 1]
    drawn = crc32(f"{row_id}/{tries}".encode()) / 2**32
    return shortest * (1 + _MOST_LONGER * drawn)


def seconds(number: int) -> timedelta:
    """Return that many seconds."""
    return timedelta(seconds=number)


def _sent(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    change(
        connection,
        claimed.id,
        state=SENT,
        receipt=delivery.receipt,
        sent_at=now,
        error=delivery.text,
        lease_until=None,
    )
    if delivery.permalink or delivery.editable:
        row = {"permalink": delivery.permalink, "editable": delivery.editable}
        insert_new(connection, posted, [{"outbox_id": claimed.id, **row}])


def _not_taken(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    later = now + _pause(connection, claimed.id, delivery)
    _end_try(connection, claimed, delivery, state=_waiting(claimed), not_before=later)


def _unknown(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    lost = attempts.number(connection, claimed.id, Outcome.UNKNOWN)
    later = now + (_BEFORE_LOOKING if lost <= 1 else backoff(claimed.id, lost - 1))
    _end_try(connection, claimed, delivery, state=UNKNOWN, not_before=later)


def _configuration(
    connection: Connection, claimed: Claim, delivery: Delivery, now: datetime
) -> None:
    # Put into words again: what is wrong may be in the message, such as its sender. But what
    # may have arrived once must stay the same message.
    del now
    may_be_there = attempts.number(connection, claimed.id, Outcome.UNKNOWN) > 0
    more: dict[str, Any] = {} if may_be_there else {"payload": None}
    _end_try(connection, claimed, delivery, state=_waiting(claimed), **more)


def _failed(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    del now
    _end_try(connection, claimed, delivery, state=FAILED)


def _payload(connection: Connection, claimed: Claim, delivery: Delivery, now: datetime) -> None:
    """Let it be tried once more in a plain form."""
    if attempts.number(connection, claimed.id, Outcome.PAYLOAD) > 1:
        _failed(connection, claimed, delivery, now)
    else:
        _end_try(connection, claimed, delivery, state=PENDING, not_before=now, payload=None)


def _waiting(claimed: Claim) -> str:
    """Return how it waits: what may have arrived is looked for every time."""
    return UNKNOWN if claimed.is_unknown else PENDING


def _end_try(connection: Connection, claimed: Claim, delivery: Delivery, **values: Any) -> None:
    change(connection, claimed.id, lease_until=None, error=attempts.said(delivery), **values)


def _pause(connection: Connection, row_id: int, delivery: Delivery) -> timedelta:
    if delivery.retry_after_seconds:
        return timedelta(seconds=delivery.retry_after_seconds)
    return backoff(row_id, attempts.number(connection, row_id, Outcome.NOT_TAKEN))


_FOLLOWS = {
    Outcome.SENT: _sent,
    Outcome.NOT_TAKEN: _not_taken,
    Outcome.UNKNOWN: _unknown,
    Outcome.CONFIGURATION: _configuration,
    Outcome.RECIPIENT: _failed,
    Outcome.PAYLOAD: _payload,
}
