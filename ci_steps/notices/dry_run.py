"""What sending or a tick would do now: worked out in a transaction that is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ci_steps.dictionary.tables import outbox
from ci_steps.notices import abilities, pauses, standing
from ci_steps.notices.claims import rows
from ci_steps.notices.facts import line
from ci_steps.notices.render import words
from ci_steps.notices.states import UNKNOWN, WAITING
from ci_steps.notices.telling import told
from ci_steps.notices.tick import Ticked, do_what_is_due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.notices.claims import Channels
    from ci_steps.notices.tick import Schedule

_T = TypeVar("_T")


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


def sending(
    dictionary: Transactions, channels: Channels, now: datetime, *, failed: bool = False
) -> tuple[Would, ...]:
    """Return what would be sent now; with *failed* too what was given up. Nothing is written."""

    def look(connection: Connection) -> tuple[Would, ...]:
        if failed:
            standing.try_failed_again(connection, now)
        return tuple(_due(connection, channels, now))

    return _taken_back(dictionary, look)


def ticking(
    dictionary: Transactions, channels: Channels, schedule: Schedule, now: datetime
) -> tuple[Ticked, tuple[Would, ...]]:
    """Return what a tick would do, and what it would send. Nothing is written."""

    def look(connection: Connection) -> tuple[Ticked, tuple[Would, ...]]:
        done = do_what_is_due(connection, tuple(channels), schedule, now)
        return done, tuple(_due(connection, channels, now))

    return _taken_back(dictionary, look)


def _taken_back(dictionary: Transactions, look: Callable[[Connection], _T]) -> _T:
    def written(connection: Connection) -> _T:
        undone = connection.begin_nested()
        try:
            return look(connection)
        finally:
            undone.rollback()

    return dictionary.write(written)


def _due(connection: Connection, channels: Channels, now: datetime) -> Iterator[Would]:
    places = [(name, abilities.workspace(*plug)) for name, plug in channels.items()]
    usable = sorted(channels.keys() - pauses.resting(connection, places, now).keys())
    due = rows().where(
        outbox.c.state.in_(WAITING), outbox.c.not_before <= now, outbox.c.channel.in_(usable)
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
