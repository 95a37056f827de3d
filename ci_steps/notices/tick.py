"""What is done on a schedule: end what is fulfilled, announce what was missed, send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_steps.notices.heartbeat import beat, last_heartbeat
from ci_steps.notices.outbox import send
from ci_steps.notices.reconciling import Announcing, reconcile, resolve_all
from ci_steps.notices.standing import close_settled
from ci_steps.protocols import Sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.model import Obligation
    from ci_steps.notices.claims import Channels
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


@dataclass(frozen=True)
class Ticked:
    """What a tick did: what it ended, what it announced, and what became of the messages."""

    ended: tuple[Obligation, ...] = ()
    announced: tuple[Announced, ...] = ()
    sent: Sent = field(default_factory=Sent)


def tick(
    dictionary: Transactions, channels: Channels, outside: Outside, schedule: Schedule
) -> Ticked:
    """Do what is due; the same again does nothing, and so does a second one at the same time."""
    now = outside.now()

    def look(connection: Connection) -> Ticked:
        last = last_heartbeat(connection)
        since = schedule.since or (last.first_at if last else now)
        how = Announcing(schedule.due, tuple(channels))
        ended = resolve_all(connection, now)
        announced = reconcile(connection, how, since=since, at=now)
        close_settled(connection)
        beat(connection, now, schedule.by)
        return Ticked(ended, announced)

    done = dictionary.write(look)
    sent = send(
        dictionary,
        channels,
        outside,
        budget_seconds=schedule.budget_seconds,
        catch_all=schedule.catch_all,
    )
    return Ticked(done.ended, done.announced, sent)
