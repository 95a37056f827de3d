"""Who still has to leave a line whose end was announced: whoever declares or is seen to need it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select, update

from ci_steps.dictionary import questions
from ci_steps.dictionary.tables import obligation, owner_detail, service
from ci_steps.notices.events import insert_new

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ci_steps.lifecycle.acts import Standing
    from ci_steps.model import Line

# Of whom nobody has declared that it needs the line: it was seen calling.
SEEN_CALLING = ""
# An end without a day is due on none.
NO_DAY = date.max


def oblige(connection: Connection, line: Line, number: int, stands: Standing, at: datetime) -> None:
    """Let those who need the line owe the move, and those who have moved owe nothing."""
    found = questions.dependents(connection, line.service, line.line, line.environment)
    needs = {one.service: one.requirement.written for one in found}
    due = stands.announcement.retire_on or NO_DAY
    put(connection, number, needs, due, at)
    mine = obligation.c.event_id == number
    connection.execute(update(obligation).where(mine).values(due=due))
    rows = connection.execute(
        select(obligation, service.c.name)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .where(mine, obligation.c.requirement != SEEN_CALLING)
    ).all()
    for row in rows:
        if (row.name in needs) is (row.done_at is None):
            continue
        done = None if row.name in needs else at
        connection.execute(update(obligation).where(obligation.c.id == row.id).values(done_at=done))


def put(
    connection: Connection, number: int, needs: Mapping[str, str], due: date, at: datetime
) -> None:
    """Let services owe what they *needs*, by name, unless they owe something to this event."""
    ids = connection.execute(
        select(service.c.id, service.c.name).where(service.c.name.in_(sorted(needs)))
    ).all()
    rows = [
        {
            "event_id": number,
            "dependent_id": row.id,
            "requirement": needs[row.name],
            "due": due,
            "since": at,
        }
        for row in ids
    ]
    insert_new(connection, obligation, rows)


def owing(number: int) -> Select[Any]:
    """Return the question for what is open and whose it is, with the time zone of that owner."""
    return (
        select(obligation, service.c.owner_id, owner_detail.c.time_zone)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .outerjoin(owner_detail, owner_detail.c.owner_id == service.c.owner_id)
        .where(
            obligation.c.event_id == number,
            obligation.c.done_at.is_(None),
            service.c.owner_id.is_not(None),
        )
    )
