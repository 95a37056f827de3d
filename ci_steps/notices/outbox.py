"""Sending what waits: by whoever comes by, within a time, each message to one try."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from ci_steps.dictionary.tables import event, outbox, owner, service
from ci_steps.notices.claims import (
    PENDING,
    SENDING,
    SENT,
    SUPPRESSED,
    Channels,
    Claim,
    claim,
    give_up_lost,
    record,
    rows,
)
from ci_steps.notices.facts import line, message_of
from ci_steps.notices.render import words
from ci_steps.protocols import Delivery, Outcome, Sent

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Row

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.outside import Outside

_NOT_AGAIN = "it may have arrived, so it is not sent again by itself"
_MOST_LINES = 50


@dataclass(frozen=True)
class Notice:
    """One message to one contact, and what became of it. `about` is ``auth-2 in production``."""

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


@dataclass(frozen=True)
class Preview:
    """A message that would be sent: its line, its words, and the very bytes."""

    line: str
    text: str
    payload: bytes


def send(
    dictionary: Transactions, channels: Channels, outside: Outside, *, budget_seconds: float = 60
) -> Sent:
    """Try once what is due, for *budget_seconds* at most; what is left waits for the next job.

    Messages of other services' releases that wait in the same dictionary are sent along.
    """
    job = _Round(dictionary, dict(channels), outside, outside.seconds() + budget_seconds)
    if not job.is_anything_open():
        return Sent()
    job.give_up_lost()
    while job.has_time():
        with dictionary.writing() as connection:
            claimed = claim(connection, job.channels, outside.now())
        if claimed is not None:
            job.carry_out(claimed)
        elif not job.pause():
            break
    return Sent(tuple(job.delivered), job.waiting(channels), tuple(job.undelivered))


def status(dictionary: Transactions, now: datetime, *, most: int = 1000) -> tuple[Notice, ...]:
    """Return the messages, first what is open or went wrong, then the newest."""
    is_done = case((outbox.c.state.in_([SENT, SUPPRESSED]), 1), else_=0)
    asked = (
        select(
            outbox,
            owner.c.name.label("owner"),
            service.c.name.label("provider"),
            event.c.to,
            event.c.environment,
        )
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .join(event, outbox.c.event_id == event.c.id)
        .join(service, event.c.service_id == service.c.id)
        .order_by(is_done, outbox.c.created_at.desc(), outbox.c.id)
        .limit(most)
    )
    with dictionary.reading() as connection:
        return tuple(
            Notice(
                row.owner,
                row.channel,
                row.address,
                f"{row.provider}-{row.to} in {row.environment}",
                row.stage,
                row.state,
                row.attempts,
                row.error,
                row.receipt,
                now - row.created_at,
                row.not_before,
            )
            for row in connection.execute(asked)
        )


def previews(connection: Connection, channels: Channels) -> tuple[Preview, ...]:
    """Return what would be sent, put into words; nothing is written.

    In a transaction that announces and is then undone, it shows a release that is not there.
    """
    shown = []
    waiting = rows().where(outbox.c.state == PENDING, outbox.c.channel.in_(sorted(channels)))
    for row in connection.execute(waiting).all():
        message = message_of(connection, row)
        if message is None:
            continue
        channel, options = channels[row.channel]
        said = words(message)
        shown.append(
            Preview(
                line(message, row.channel, row.address),
                f"Subject: {said.subject}\n\n{said.text}",
                row.payload or channel.payload(message, row.address, options),
            )
        )
    return tuple(shown)


@dataclass
class _Round:
    """What one job sends. A channel that is not set up right is left alone for the rest of it."""

    dictionary: Transactions
    channels: dict[str, Any]
    outside: Outside
    deadline: float
    delivered: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    is_asked_to_pause: bool = False

    def has_time(self) -> bool:
        return self.outside.seconds() < self.deadline

    def is_anything_open(self) -> bool:
        is_open = outbox.c.state.in_([PENDING, SENDING])
        with self.dictionary.reading() as connection:
            return (
                connection.execute(select(outbox.c.id).where(is_open).limit(1)).first() is not None
            )

    def give_up_lost(self) -> None:
        now = self.outside.now()
        said = self.dictionary.write(lambda connection: give_up_lost(connection, now))
        self.undelivered.extend(f"{one}; {_NOT_AGAIN}" for one in said)

    def carry_out(self, claimed: Claim) -> None:
        channel, options = self.channels[claimed.channel]
        try:
            delivery = channel.send(claimed.payload, claimed.address, options, self.outside)
        except Exception as error:  # a stranger's plug; its words may hold what is secret
            delivery = Delivery(Outcome.UNKNOWN, f"{claimed.channel}: {type(error).__name__}")
        now = self.outside.now()
        self.dictionary.write(lambda connection: record(connection, claimed, delivery, now))
        self.is_asked_to_pause = self.is_asked_to_pause or delivery.retry_after_seconds > 0
        self.say(claimed, delivery)

    def say(self, claimed: Claim, delivery: Delivery) -> None:
        if delivery.outcome is Outcome.SENT:
            self.delivered.append(claimed.line)
        elif delivery.outcome is Outcome.CONFIGURATION:
            del self.channels[claimed.channel]
            self.undelivered.append(f"{claimed.channel}: {delivery.text}; its messages wait")
        elif delivery.outcome is Outcome.UNKNOWN:
            self.undelivered.append(f"{claimed.line}: {delivery.text}; {_NOT_AGAIN}")
        elif delivery.outcome is not Outcome.NOT_TAKEN:
            self.undelivered.append(f"{claimed.line}: {delivery.text}")

    def pause(self) -> bool:
        """Wait as a receiver has asked, if that is over in time; return whether it was."""
        if not self.is_asked_to_pause:
            return False
        self.is_asked_to_pause = False
        usable = outbox.c.channel.in_(sorted(self.channels))
        soonest = select(func.min(outbox.c.not_before)).where(outbox.c.state == PENDING, usable)
        with self.dictionary.reading() as connection:
            due = connection.scalar(soonest)
        if due is None:
            return False
        seconds = max(0.0, (due - self.outside.now()).total_seconds())
        if self.outside.seconds() + seconds >= self.deadline:
            return False
        self.outside.pause(seconds)
        return True

    def waiting(self, channels: Channels) -> tuple[str, ...]:
        """Return a line for each message that is not sent yet, and why."""
        said: list[str] = []
        with self.dictionary.reading() as connection:
            found = connection.execute(rows().where(outbox.c.state == PENDING)).all()
            for row in found[:_MOST_LINES]:
                message = message_of(connection, row)
                if message is not None:
                    why = self._why_waiting(row, channels)
                    said.append("; ".join([line(message, row.channel, row.address), *why]))
        if len(found) > _MOST_LINES:
            said.append(f"… and {len(found) - _MOST_LINES} more")
        return tuple(said)

    def _why_waiting(self, row: Row[Any], channels: Channels) -> list[str]:
        if row.channel not in channels:
            return [f"this job has no channel {row.channel}"]
        why = [row.error] if row.error else []
        if row.not_before > self.outside.now():
            why.append(f"next try after {row.not_before:%Y-%m-%d %H:%M} UTC")
        return why
