"""The acts about the end of lines, as the dictionary keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from ci_steps.dictionary.recording import environment_id, service_id
from ci_steps.dictionary.tables import environment, retirement_act, service
from ci_steps.lifecycle.acts import Act, Kind, check, standing

if TYPE_CHECKING:
    from ci_steps.lifecycle.acts import Standing
    from ci_steps.model import Line


def add(connection: Connection, line: Line, act: Act) -> Standing:
    """Add an act and return how the line stands; RefusedError if it does not fit."""
    acts = read(connection, line)
    check(standing(acts), act)
    connection.execute(
        insert(retirement_act).values(
            service_id=service_id(connection, line.service),
            line=line.line,
            environment_id=environment_id(connection, line.environment),
            kind=act.kind.value,
            retire_on=act.retire_on,
            by=act.by,
            reason=act.reason,
            at=act.at,
        )
    )
    return standing([*acts, act])


def read(connection: Connection, line: Line) -> list[Act]:
    """Return what was decided about a line, the oldest first."""
    row = retirement_act.c
    rows = connection.execute(
        select(row.kind, row.at, row.by, row.reason, row.retire_on)
        .join_from(retirement_act, service)
        .join(environment, row.environment_id == environment.c.id)
        .where(
            service.c.name == line.service,
            row.line == line.line,
            environment.c.name == line.environment,
        )
        .order_by(row.id)
    )
    return [Act(Kind(kind), *rest) for kind, *rest in rows]
