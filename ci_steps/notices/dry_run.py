"""What sending or a tick would do now: worked out in a transaction that is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import case, func, select

from ci_steps.dictionary.tables import outbox
from ci_steps.notices.facts import line
from ci_steps.notices.sending import abilities, pauses, standing
from ci_steps.notices.sending.claims import rows
from ci_steps.notices.states import UNKNOWN, WAITING
from ci_steps.notices.telling import told
from ci_steps.notices.tick import Ticked, do_what_is_due
from ci_steps.notices.wording.render import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.notices.sending.claims import Channels
    from ci_steps.notices.tick import Schedule

_T = TypeVar("_T")
_SOONEST = func.min(outbox.c.not_before).label("soonest")


@dataclass(frozen=True)
class Would:
    """A message that would be sent now; `address` is where it would really go.

    One that `may_be_there` is looked up first.
    """

    line: str
    owner: str
    channel: str
    address: str
    stage: str
    subject: str
    text: str
    may_be_there: bool = False


@dataclass(frozen=True)
class Left:
    """How many messages of a channel wait and would not be sent now, and why."""

    channel: str
    messages: int
    why: str


@dataclass(frozen=True)
class Foreseen:
    """What would be sent now, and what would wait all the same."""

    would: tuple[Would, ...]
    left: tuple[Left, ...]


def sending(
    dictionary: Transactions, channels: Channels, now: datetime, *, failed: bool = False
) -> Foreseen:
    """Return what would be sent now; with *failed* too what was given up. Nothing is written."""

    def look(connection: Connection) -> Foreseen:
        if failed:
            standing.try_failed_again(connection, now)
        return _foreseen(connection, channels, now)

    return _taken_back(dictionary, look)


def ticking(
    dictionary: Transactions, channels: Channels, schedule: Schedule, now: datetime
) -> tuple[Ticked, Foreseen]:
    """Return what a tick would do, and what it would send. Nothing is written."""

    def look(connection: Connection) -> tuple[Ticked, Foreseen]:
        done = do_what_is_due(connection, tuple(channels), schedule, now)
        return done, _foreseen(connection, channels, now)

    return _taken_back(dictionary, look)


def _taken_back(dictionary: Transactions, look: Callable[[Connection], _T]) -> _T:
    def written(connection: Connection) -> _T:
        undone = connection.begin_nested()
        try:
            return look(connection)
        finally:
            undone.rollback()

    return dictionary.write(written)


def _foreseen(connection: Connection, channels: Channels, now: datetime) -> Foreseen:
    places = [(name, abilities.workspace(*plug)) for name, plug in channels.items()]
    resting = pauses.resting(connection, places, now)
    usable = {name: plug for name, plug in channels.items() if name not in resting}
    left = _left(connection, channels, resting, now)
    return Foreseen(tuple(_due(connection, usable, now)), tuple(left))


def _left(
    connection: Connection, channels: Channels, resting: Mapping[str, datetime], now: datetime
) -> Iterator[Left]:
    is_later = case((outbox.c.not_before > now, 1), else_=0).label("is_later")
    waiting = (
        select(outbox.c.channel, is_later, func.count().label("messages"), _SOONEST)
        .where(outbox.c.state.in_(WAITING))
        .group_by(outbox.c.channel, is_later)
        .order_by(outbox.c.channel, is_later)
    )
    for row in connection.execute(waiting).all():
        if row.channel not in channels:
            yield Left(row.channel, row.messages, f"this job has no channel {row.channel}")
        elif row.channel in resting:
            until = f"{resting[row.channel]:%Y-%m-%d %H:%M} UTC"
            yield Left(row.channel, row.messages, f"a pause was asked for until {until}")
        elif row.is_later:
            yield Left(row.channel, row.messages, f"not before {row.soonest:%Y-%m-%d %H:%M} UTC")


def _due(connection: Connection, channels: Channels, now: datetime) -> Iterator[Would]:
    due = rows().where(
        outbox.c.state.in_(WAITING),
        outbox.c.not_before <= now,
        outbox.c.channel.in_(sorted(channels)),
    )
    for row in connection.execute(due).all():
        message = told(connection, row)
        if message is None:
            continue
        said = words(message)
        yield Would(
            line(message, row.channel, row.address),
            row.owner,
            row.channel,
            abilities.reached_at(channels[row.channel][0], row.address),
            row.stage,
            said.subject,
            said.text,
            row.state == UNKNOWN,
        )
