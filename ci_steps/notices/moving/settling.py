"""What becomes of the messages of an event when somebody has moved, or has gone back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from ci_steps.dictionary.tables import outbox
from ci_steps.notices import stages
from ci_steps.notices.addressing import row_for
from ci_steps.notices.events import insert_new
from ci_steps.notices.moving import progress
from ci_steps.notices.moving.owing import about
from ci_steps.notices.states import PENDING, SENDING, SENT, SUPPRESSED, UNKNOWN
from ci_steps.notices.threads import show_state

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

# What may have reached somebody, who then wants to know how it ended.
_TOLD = frozenset({SENT, UNKNOWN, SENDING})
_TAKEN_BACK = stages.FIRST | {stages.ADDED}


def settle(connection: Connection, event_id: int, at: datetime) -> None:
    """Hold back the messages of which nothing is left to do, and take back what was held.

    Who was told and has moved is told that it is over, once.
    """
    found = connection.execute(select(outbox).where(outbox.c.event_id == event_id)).all()
    for rows in by_contact(found).values():
        for row in rows:
            if stages.kind_of(row.stage) in stages.ASKING:
                _settle(connection, row, is_open=_is_open(connection, row))
        _close(connection, rows, at)
    progress.settle(connection, event_id, at)
    show_state(connection, event_id, at)


def close(connection: Connection, event_id: int, stage: str, at: datetime) -> None:
    """Hold back everything that waits about an event, and tell those who were told of it.

    Announcements that can be changed say that it is over, also where nobody is told.
    """
    found = connection.execute(select(outbox).where(outbox.c.event_id == event_id)).all()
    for rows in by_contact(found).values():
        for row in rows:
            if row.state == PENDING:
                set_state(connection, row.id, SUPPRESSED)
        told = [row for row in rows if row.state in _TOLD and row.stage not in stages.PROVIDERS]
        if stage and told:
            insert_new(connection, outbox, [row_like(told[0], stage, at)])
    show_state(connection, event_id, at)


def by_contact(rows: Iterable[Row[Any]]) -> dict[tuple[str, str], list[Row[Any]]]:
    """Return rows of the outbox by channel and address."""
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.channel, row.address), []).append(row)
    return found


def row_like(row: Row[Any], stage: str, at: datetime) -> dict[str, Any]:
    """Return a row of the outbox for the contact of another one."""
    return row_for(row.event_id, row.owner_id, row.channel, row.address, stage, at)


def set_state(connection: Connection, row_id: int, state: str) -> None:
    """Say what has become of a row."""
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(state=state))


def _is_open(connection: Connection, row: Row[Any]) -> bool:
    return any(one.done_at is None for one in about(connection, row))


def _settle(connection: Connection, row: Row[Any], *, is_open: bool) -> None:
    if row.state == PENDING and not is_open:
        set_state(connection, row.id, SUPPRESSED)
    elif row.state == SUPPRESSED and is_open and stages.kind_of(row.stage) in _TAKEN_BACK:
        # A reminder that was held back is not: the next one says what is so then.
        set_state(connection, row.id, PENDING)


def _close(connection: Connection, rows: list[Row[Any]], at: datetime) -> None:
    """Tell a contact that it is over, or take that back."""
    asked = [row for row in rows if stages.kind_of(row.stage) in stages.ASKING - {stages.ESCALATED}]
    told = [row for row in asked if row.state in _TOLD]
    if not told:
        return
    is_open = any(_is_open(connection, row) for row in asked)
    done = next((row for row in rows if row.stage == stages.DONE), None)
    if done is None and not is_open:
        insert_new(connection, outbox, [row_like(told[0], stages.DONE, at)])
    elif done is not None and done.state in (PENDING, SUPPRESSED):
        set_state(connection, done.id, SUPPRESSED if is_open else PENDING)
