"""The acts about the end of lines, as the dictionary keeps them."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from ci_steps.dictionary.recording import environment_id, service_id
from ci_steps.dictionary.tables import environment, retirement_act, service
from ci_steps.endings import Ending, Window
from ci_steps.lifecycle.acts import Act, Kind, check, standing
from ci_steps.model import Line

if TYPE_CHECKING:
    from datetime import date

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.lifecycle.acts import Standing


_ACT = tuple(
    retirement_act.c[name] for name in ("kind", "at", "by", "reason", "retire_on", "terms")
)


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
            terms=_written(act),
        )
    )
    return standing([*acts, act])


def announced_ends(dictionary: Dictionary, place: str) -> dict[tuple[str, str], Ending]:
    """Return what was announced, by service and line; in *place*, or in any production."""
    here = environment.c.name == place if place else environment.c.production
    row = retirement_act.c
    with dictionary.reading() as connection:
        rows = connection.execute(
            select(service.c.name, row.line, environment.c.id, *_ACT)
            .join_from(retirement_act, service)
            .join(environment, row.environment_id == environment.c.id)
            .where(here)
            .order_by(service.c.name, row.line, environment.c.id, row.id)
        ).all()
    found: dict[tuple[str, str], list[Ending]] = {}
    for (name, line, _), acts in groupby(rows, key=lambda one: one[:3]):
        told = standing(_act(*one[3:]) for one in acts).announcement
        if told.announced:
            found.setdefault((name, line), []).append(Ending(told.announced, told.ends))
    return {key: min(ends, key=_order) for key, ends in found.items()}


def gone_lines(dictionary: Dictionary, service_name: str, place: str) -> dict[str, Act]:
    """Return the lines of a service that are gone from *place*, each with the act that says so."""
    row = retirement_act.c
    with dictionary.reading() as connection:
        lines = connection.scalars(
            select(row.line)
            .join_from(retirement_act, service)
            .where(service.c.name == service_name, row.kind == Kind.GONE.value)
            .distinct()
        ).all()
        found = {
            line: standing(read(connection, Line(service_name, line, place))).taken(Kind.GONE)
            for line in lines
        }
    return {line: act for line, act in found.items() if act}


def read(connection: Connection, line: Line) -> list[Act]:
    """Return what was decided about a line, the oldest first."""
    row = retirement_act.c
    rows = connection.execute(
        select(*_ACT)
        .join_from(retirement_act, service)
        .join(environment, row.environment_id == environment.c.id)
        .where(
            service.c.name == line.service,
            row.line == line.line,
            environment.c.name == line.environment,
        )
        .order_by(row.id)
    )
    return [_act(*one) for one in rows]


def _act(kind: str, at: datetime, by: str, reason: str, retire_on: date | None, terms: str) -> Act:
    said = json.loads(terms) if terms else {}
    windows = tuple(
        Window(datetime.fromisoformat(begin), datetime.fromisoformat(end), status)
        for begin, end, status in said.get("windows", ())
    )
    return Act(Kind(kind), at, by, reason, retire_on, said.get("because", ""), windows)


def _written(act: Act) -> str:
    windows = [[one.begin.isoformat(), one.end.isoformat(), one.status] for one in act.windows]
    said = {"because": act.because, "windows": windows}
    kept = {name: value for name, value in said.items() if value}
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def _order(ending: Ending) -> tuple[bool, datetime | None]:
    return ending.ends is None, ending.ends or ending.since
