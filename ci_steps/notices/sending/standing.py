"""How every message stands: sent, waiting or why not, and what somebody can do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Exists, Select, case, exists, func, select, update

from ci_steps.dictionary.tables import (
    attempt,
    event,
    obligation,
    outbox,
    owner,
    pause,
    posted,
    service,
)
from ci_steps.notices.events import DEPRECATION, OVERRIDE, TESTS_FAILED
from ci_steps.notices.sending import attempts, pauses
from ci_steps.notices.sending.heartbeat import silence
from ci_steps.notices.states import FAILED, OPEN, PENDING, SENT, SUPPRESSED, UNKNOWN
from ci_steps.notices.telling import told
from ci_steps.notices.time_zones import unknown_time_zones
from ci_steps.protocols import Outcome

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ci_steps.dictionary.transactions import Transactions

_AGAIN = "then: ci-steps notices send"
_FAILED_AGAIN = "then: ci-steps notices send --failed"

# What to do, by what became of the last try.
_ADVICE = {
    Outcome.CONFIGURATION: f"correct the credential or the options of {{channel}}, {_AGAIN}",
    Outcome.RECIPIENT: "correct the contact {channel} {address} of {owner}, or let it take "
    f"messages, {_FAILED_AGAIN}",
    Outcome.PAYLOAD: f"shorten what the message says, {_FAILED_AGAIN}",
    Outcome.UNKNOWN: f"ask {{owner}} whether it arrived; if it did not, {_FAILED_AGAIN}",
    Outcome.NOT_TAKEN: "nothing: it is tried again",
}
_LOOKED_UP = "nothing: it is looked up before it is sent again"
_MISSING = re.compile(r"the environment variable (\w+) is not set")
_NOT_TRIED = "ci-steps notices send, by a job that has the channel {channel}"


@dataclass(frozen=True)
class Notice:
    """One message to one contact, and what became of it. `about` is ``auth-2 in production``.

    One that `is_seen` is about what its owner has looked at or answered.
    `outcome` is a word of `Outcome`, of the last try. `advice` is empty where all is well.
    """

    owner: str
    channel: str
    address: str
    about: str
    stage: str
    state: str
    attempts: int
    error: str
    receipt: str
    age: timedelta
    not_before: datetime
    permalink: str = ""
    outcome: str = ""
    advice: str = ""
    is_seen: bool = False

    @property
    def is_undelivered(self) -> bool:
        """Return whether somebody should have been told and was not."""
        return self.state in (*OPEN, FAILED)


@dataclass(frozen=True)
class Standing:
    """Every message, and a sentence for each thing that is wrong with the sending as such."""

    notices: tuple[Notice, ...]
    warnings: tuple[str, ...]


def standing(dictionary: Transactions, now: datetime, *, most: int = 1000) -> Standing:
    """Return how all stands, first what is open or went wrong, then the newest."""
    with dictionary.reading() as connection:
        rows = connection.execute(_asked().limit(most)).all()
        last = _last_outcomes(connection, [row.id for row in rows])
        notices = tuple(_notice(row, last.get(row.id, ""), now) for row in rows)
        wrong = (*_troubles(connection, now), *unknown_time_zones(connection))
        return Standing(notices, (*wrong, *_silence(connection, now)))


def overdue(notices: tuple[Notice, ...], limit: timedelta, now: datetime) -> tuple[Notice, ...]:
    """Return what should have been delivered longer ago than that."""
    return tuple(
        one
        for one in notices
        if one.is_undelivered
        and one.age > limit
        # What has a time that has not come yet is not late.
        and not (one.attempts == 0 and one.not_before > now)
    )


def try_failed_again(connection: Connection, now: datetime) -> int:
    """Let what was given up be tried once more; return how much that is."""
    done = connection.execute(
        update(outbox)
        .where(outbox.c.state == FAILED)
        .values(state=PENDING, payload=None, not_before=now)
    )
    return done.rowcount


def close_settled(connection: Connection) -> None:
    """Close what was given up and is of no use any more: nothing is left to do about it."""
    for row in connection.execute(select(outbox).where(outbox.c.state == FAILED)).all():
        if told(connection, row) is None:
            closed = update(outbox).where(outbox.c.id == row.id).values(state=SUPPRESSED)
            connection.execute(closed)


def _asked() -> Select[Any]:
    is_done = case((outbox.c.state.in_([SENT, SUPPRESSED]), 1), else_=0)
    return (
        select(
            outbox,
            owner.c.name.label("owner"),
            service.c.name.label("provider"),
            event.c.to,
            event.c.environment,
            event.c.kind,
            event.c.version,
            posted.c.permalink,
            _is_seen().label("is_seen"),
        )
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .join(event, outbox.c.event_id == event.c.id)
        .join(service, event.c.service_id == service.c.id)
        .outerjoin(posted, posted.c.outbox_id == outbox.c.id)
        .order_by(is_done, outbox.c.created_at.desc(), outbox.c.id)
    )


def _is_seen() -> Exists:
    """Return the condition that the owner of a message has looked at its event."""
    dependent = service.alias("dependent")
    return (
        exists()
        .where(obligation.c.event_id == outbox.c.event_id, obligation.c.seen_at.is_not(None))
        .where(obligation.c.dependent_id == dependent.c.id)
        .where(dependent.c.owner_id == outbox.c.owner_id)
    )


def _last_outcomes(connection: Connection, ids: list[int]) -> dict[int, str]:
    tries = attempt.c.outcome != attempts.REROUTED
    newest = (
        select(func.max(attempt.c.id))
        .where(attempt.c.outbox_id.in_(ids), tries)
        .group_by(attempt.c.outbox_id)
    )
    found = select(attempt.c.outbox_id, attempt.c.outcome).where(attempt.c.id.in_(newest))
    return {row.outbox_id: row.outcome for row in connection.execute(found)}


def _about(row: Any) -> str:
    if row.kind == TESTS_FAILED:
        where = f" in {row.environment}" if row.environment else ""
        return f"tests of {row.provider} {row.version}{where}"
    if row.kind == OVERRIDE:
        return f"gates of {row.provider} {row.version} in {row.environment}"
    if row.kind == DEPRECATION:
        return f"end of {row.provider}-{row.version} in {row.environment}"
    return f"{row.provider}-{row.to} in {row.environment}"


def _notice(row: Any, outcome: str, now: datetime) -> Notice:
    notice = Notice(
        row.owner,
        row.channel,
        row.address,
        _about(row),
        row.stage,
        row.state,
        row.attempts,
        row.error,
        row.receipt,
        now - row.created_at,
        row.not_before,
        row.permalink or "",
        outcome,
        is_seen=row.is_seen,
    )
    return replace(notice, advice=_advice(notice))


def _advice(notice: Notice) -> str:
    if not notice.is_undelivered:
        return ""
    if notice.state == UNKNOWN:
        return _LOOKED_UP
    if missing := _MISSING.search(notice.error):
        return f"give {missing[1]} to the job that sends, as a credential, {_AGAIN}"
    words = {one.value: text for one, text in _ADVICE.items()}
    text = words.get(notice.outcome, _NOT_TRIED)
    return text.format(channel=notice.channel, address=notice.address, owner=notice.owner)


def _troubles(connection: Connection, now: datetime) -> tuple[str, ...]:
    rows = connection.execute(select(pause).order_by(pause.c.channel, pause.c.since))
    return tuple(_trouble(row) for row in rows if row.reason != pauses.RATE or row.until > now)


def _trouble(row: Any) -> str:
    if row.reason == pauses.CONFIGURATION:
        return f"{row.channel} is not set up right since {row.since:%Y-%m-%d %H:%M} UTC: {row.text}"
    if row.reason == pauses.UNSEEING:
        return f"{row.channel} does not show who has looked at a notice: {row.text}"
    return f"{row.channel} has asked for a pause until {row.until:%Y-%m-%d %H:%M} UTC"


def _silence(connection: Connection, now: datetime) -> tuple[str, ...]:
    said = silence(connection, now)
    return (said,) if said else ()
