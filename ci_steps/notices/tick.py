"""What is done on a schedule: end what is fulfilled, announce what was missed, send."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_steps.notices.line_ends.telling import Told, tell_all
from ci_steps.notices.moving.reconciling import Announcing, reconcile, resolve_all
from ci_steps.notices.moving.reminders import remind
from ci_steps.notices.moving.superseding import withdraw_gone
from ci_steps.notices.moving.terms import Terms
from ci_steps.notices.sending.heartbeat import beat, last_heartbeat
from ci_steps.notices.sending.outbox import send
from ci_steps.notices.sending.reactions import read_reactions
from ci_steps.notices.sending.standing import close_settled
from ci_steps.protocols import Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.model import Obligation
    from ci_steps.notices.sending.claims import Channels
    from ci_steps.outside import Outside
    from ci_steps.protocols import Announced


@dataclass(frozen=True)
class Schedule:
    """How a tick announces what was missed, who it is that ticks, and how long it may take.

    Without `since` only what was deployed after the first tick is announced.
    """

    due: Callable[[date], date]
    by: str = ""
    since: datetime | None = None
    budget_seconds: float = 60
    catch_all: str = ""
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True)
class Ticked:
    """What a tick did: what it ended, announced and withdrew, whom it reminded, what it sent."""

    ended: tuple[Obligation, ...] = ()
    announced: tuple[Announced, ...] = ()
    withdrawn: tuple[str, ...] = ()
    reminded: int = 0
    sent: Sent = field(default_factory=Sent)


def tick(
    dictionary: Transactions, channels: Channels, outside: Outside, schedule: Schedule
) -> Ticked:
    """Do what is due; the same again does nothing, and so does a second one at the same time."""
    now, names = outside.now(), tuple(channels)
    deadline = outside.seconds() + schedule.budget_seconds
    done = dictionary.write(lambda connection: do_what_is_due(connection, names, schedule, now))
    sent = send(
        dictionary,
        channels,
        outside,
        budget_seconds=schedule.budget_seconds,
        catch_all=schedule.catch_all,
    )
    read_reactions(dictionary, channels, outside, deadline)
    return replace(done, sent=sent)


def do_what_is_due(
    connection: Connection, channels: Sequence[str], schedule: Schedule, now: datetime
) -> Ticked:
    """Do it in the dictionary; what is to be told of it waits in the outbox then."""
    last = last_heartbeat(connection)
    since = schedule.since or (last.first_at if last else now)
    how = Announcing(schedule.due, channels, schedule.terms)
    ended = resolve_all(connection, now)
    announced = reconcile(connection, how, since=since, at=now)
    close_settled(connection)
    withdrawn = withdraw_gone(connection, now)
    reminded = remind(connection, schedule.terms.calendars, channels, now)
    reminded += tell_all(connection, Told(channels, schedule.terms.calendars, now, since))
    beat(connection, now, schedule.by)
    return Ticked(ended, announced, withdrawn, reminded)
