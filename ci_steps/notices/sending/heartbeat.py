"""Whether anything comes by on a schedule: without it nobody is reminded of anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, exists, select, update

from ci_steps.dictionary.tables import event, heartbeat, obligation, outbox
from ci_steps.notices.events import insert_new
from ci_steps.notices.states import OPEN

if TYPE_CHECKING:
    from datetime import datetime

TICK = "tick"

_LONGEST_SILENCE = timedelta(hours=2)
_SCHEDULE = "schedule: ci-steps notices tick"


@dataclass(frozen=True)
class Heartbeat:
    """Since when something comes by on a schedule, and when it last did."""

    first_at: datetime
    at: datetime
    by: str


def last_heartbeat(connection: Connection) -> Heartbeat | None:
    """Return the last one, or None where nothing ever came by."""
    row = connection.execute(select(heartbeat).where(heartbeat.c.name == TICK)).one_or_none()
    return Heartbeat(row.first_at, row.at, row.by) if row else None


def beat(connection: Connection, now: datetime, by: str = "") -> None:
    """Write down that something came by."""
    insert_new(connection, heartbeat, [{"name": TICK, "first_at": now, "at": now, "by": by}])
    # A clock that was set back does not make the last one older.
    known = heartbeat.c.name == TICK
    later = (known, heartbeat.c.at < now)
    connection.execute(update(heartbeat).where(*later).values(at=now, by=by))


def silence(connection: Connection, now: datetime) -> str:
    """Return a sentence when nothing came by for two hours although somebody waits for it."""
    last = last_heartbeat(connection)
    before = now - _LONGEST_SILENCE
    if (last and last.at >= before) or not _is_awaited(connection, before):
        return ""
    if last is None:
        return f"nobody is reminded of anything: {_SCHEDULE}"
    hours = int((now - last.at).total_seconds() // 3600)
    return f"nothing has reminded anybody for {hours} h: {_SCHEDULE}"


def _is_awaited(connection: Connection, before: datetime) -> bool:
    """Return whether somebody has waited, or has to be reminded, since then."""
    owing = exists().where(
        obligation.c.event_id == event.c.id, obligation.c.done_at.is_(None), event.c.at < before
    )
    waiting = exists().where(outbox.c.state.in_(OPEN), outbox.c.created_at < before)
    return bool(connection.scalar(select(owing)) or connection.scalar(select(waiting)))
