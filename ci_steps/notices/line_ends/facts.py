"""A row of the outbox about the end of a line -> the facts of its message, as they are now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from ci_steps.dictionary import questions
from ci_steps.dictionary.tables import event, obligation, owner, service
from ci_steps.lifecycle import ledger
from ci_steps.lifecycle.acts import Kind, standing
from ci_steps.model import Line, Obligation
from ci_steps.notices import stages
from ci_steps.notices.addressing import owners_at
from ci_steps.notices.events import DEPRECATION
from ci_steps.protocols import Deprecation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.lifecycle.acts import Act
    from ci_steps.protocols import Message

_OVER = (stages.DONE, stages.WITHDRAWN)


def is_about_an_end(connection: Connection, event_id: int) -> bool:
    """Return whether an event is the announcement of an end."""
    kind = connection.scalar(select(event.c.kind).where(event.c.id == event_id))
    return kind == DEPRECATION


def about_an_end(connection: Connection, row: Row[Any], said: Message) -> Message | None:
    """Return what a contact is told of an end; None where it has nothing left to do."""
    line = Line(said.provider, said.version, said.environment)
    acts = ledger.read(connection, line)
    mine = _owed_at(connection, row, line)
    open_ones = tuple(one for one, is_open in mine if is_open)
    kind = stages.kind_of(row.stage)
    if not open_ones and kind not in (*_OVER, stages.STATE):
        return None
    concerned = open_ones or tuple(one for one, _ in mine)
    told = _deprecation(connection, line, acts, concerned)
    return replace(
        said,
        to=f"{said.provider}-{line.line}",
        obligations=concerned,
        announced=tuple(one.dependent for one, _ in mine),
        due=told.retire_on or said.due,
        deprecation=told,
        changes=None,
        touched={},
    )


def _deprecation(
    connection: Connection, line: Line, acts: Sequence[Act], concerned: Sequence[Obligation]
) -> Deprecation:
    announced = next((act for act in reversed(acts) if act.kind is Kind.ANNOUNCE), None)
    amended = next((act for act in reversed(acts) if act.kind is Kind.AMEND), None)
    # Of what was withdrawn the last act about a day still says which day it was.
    stands = standing([act for act in acts if act.kind is not Kind.WITHDRAW])
    live = questions.live(connection, line.environment, line.service)
    newer = tuple(str(one.version) for one in live if one.version.line != line.line)
    return Deprecation(
        line.line,
        stands.announcement.retire_on,
        announced.reason if announced else "",
        amended.reason if amended else "",
        newer,
        stands.windows,
        tuple(one.dependent for one in concerned if not one.requirement),
    )


def _owed_at(connection: Connection, row: Row[Any], line: Line) -> list[tuple[Obligation, bool]]:
    """Return what those who are reached at a contact have to do, and whether it is open."""
    owners = owners_at(connection, row.channel, row.address) | {row.owner_id}
    rows = connection.execute(
        select(
            obligation,
            service.c.name.label("dependent"),
            service.c.repository,
            owner.c.name.label("owner"),
        )
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .where(obligation.c.event_id == row.event_id, service.c.owner_id.in_(sorted(owners)))
        .order_by(service.c.name)
    ).all()
    return [
        (
            Obligation(
                one.dependent,
                one.requirement,
                line.service,
                f"{line.service}-{line.line}",
                line.environment,
                one.due,
                one.owner or "",
                one.done_at,
                one.repository,
            ),
            one.done_at is None,
        )
        for one in rows
    ]
