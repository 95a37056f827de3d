"""What is known of an announced end: its event, its messages, and who cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, func, select

from ci_steps.dictionary.tables import event, obligation, outbox, owner, service
from ci_steps.notices import stages
from ci_steps.notices.addressing import contacts_of, route, untold
from ci_steps.notices.events import DEPRECATION
from ci_steps.notices.states import PENDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.model import Line


def open_event(connection: Connection, line: Line) -> int | None:
    """Return the event of an end that was announced and is not over."""
    rows = connection.execute(events_about(line).where(event.c.closed == "")).all()
    return max((row.id for row in rows), default=None)


def waiting(connection: Connection, line: Line) -> tuple[str, ...]:
    """Return what waits to be sent about the end of a line, as people read it."""
    ids = [row.id for row in connection.execute(events_about(line)).all()]
    rows = connection.execute(
        select(outbox.c.stage, outbox.c.channel, outbox.c.address, owner.c.name)
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .where(outbox.c.event_id.in_(ids), outbox.c.state == PENDING)
        .order_by(owner.c.name, outbox.c.channel, outbox.c.address, outbox.c.id)
    )
    return tuple(
        f"{route(row.name, row.channel, row.address)}, {stages.kind_of(row.stage)}" for row in rows
    )


def unreachable(connection: Connection, line: Line, channels: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each service that has to move and whose owner cannot be told."""
    number = open_event(connection, line)
    if number is None:
        return
    rows = connection.execute(
        select(service.c.name, service.c.owner_id, owner.c.name.label("owner"))
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .where(obligation.c.event_id == number, obligation.c.done_at.is_(None))
        .order_by(service.c.name)
    ).all()
    owners = {row.owner_id for row in rows if row.owner_id is not None}
    reached = {row.id for row in contacts_of(connection, owners, channels)}
    for row in rows:
        if row.owner_id not in reached:
            yield untold(row.name, row.owner, channels)


def announcement(connection: Connection, line: Line, begin: int) -> Row[Any] | None:
    """Return the event of the announcement that is the act number *begin* of a line."""
    found = events_about(line).where(event.c.to == f"{line.line}/{begin}")
    return connection.execute(found).one_or_none()


def messages_about(connection: Connection, number: int) -> int:
    """Return how many messages there are about an event."""
    mine = outbox.c.event_id == number
    return connection.scalar(select(func.count()).select_from(outbox).where(mine)) or 0


def events_about(line: Line) -> Select[Any]:
    """Return the question for all events about the end of a line, over or not."""
    return (
        select(event)
        .join(service, event.c.service_id == service.c.id)
        .where(
            event.c.kind == DEPRECATION,
            service.c.name == line.service,
            event.c.environment == line.environment,
            event.c.to.startswith(f"{line.line}/", autoescape=True),
        )
    )
