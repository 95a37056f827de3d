"""What the dictionary keeps of plans, of lines that are gone, and of compared contracts.

The plan of a line are the acts of its retirement; what ends beside lines has acts of its own.
Either is kept once, and only ever added to.
"""

from __future__ import annotations

import json
import zlib
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from ci_steps.changelog.document import Kind
from ci_steps.changelog.plan import Subject, Told, Words
from ci_steps.comparisons.changes import from_json
from ci_steps.dictionary import tables
from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.contracts.kept import Comparison
from ci_steps.dictionary.recording import service_id
from ci_steps.errors import UsageError
from ci_steps.lifecycle import ledger as lines
from ci_steps.lifecycle.acts import Act, check, standing
from ci_steps.lifecycle.acts import Kind as ActKind
from ci_steps.model import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection


def add(connection: Connection, service: str, subject: Subject, told: Sequence[Told]) -> None:
    """Add acts about a subject, all or none; RefusedError if one does not fit."""
    for one in told:
        _check_words(subject, one.words)
        if subject.kind is Kind.LINE:
            line = Line(service, subject.name, subject.environment)
            lines.add(connection, line, one.act)
        else:
            _add(connection, service, subject, one)


def told(connection: Connection, service: str) -> dict[Subject, list[Told]]:
    """Return every act about what ends of a service, by its subject, the oldest first."""
    return {**_about_lines(connection, service), **_about_others(connection, service)}


def retired_lines(connection: Connection, service: str) -> frozenset[str]:
    """Return the lines of a service that are gone."""
    row = tables.retired_line.c
    rows = connection.execute(
        select(row.line)
        .join_from(tables.retired_line, tables.service)
        .where(tables.service.c.name.in_(names_of(connection, service)))
    )
    return frozenset(rows.scalars())


def comparisons(
    connection: Connection, digests: Iterable[str]
) -> Mapping[tuple[str, str], Comparison]:
    """Return what is known between contracts of *digests*, by both; one statement."""
    before, after = tables.contract.alias("before"), tables.contract.alias("after")
    table, asked = tables.comparison, sorted(set(digests))
    rows = connection.execute(
        select(before.c.digest, after.c.digest, table.c.format, table.c.changes)
        .join_from(table, before, table.c.old_id == before.c.id)
        .join(after, table.c.new_id == after.c.id)
        .where(before.c.digest.in_(asked), after.c.digest.in_(asked))
    ).all()
    return {
        (old, new): Comparison(old, new, format_, from_json(json.loads(zlib.decompress(changes))))
        for old, new, format_, changes in rows
    }


def _check_words(subject: Subject, words: Words) -> None:
    if subject.kind is Kind.LINE and words != Words():
        raise UsageError(
            "a line is deprecated when that is announced, in favour of the newer line",
            hint="What callers do stands with the changes that the newer line began with.",
        )


def _add(connection: Connection, service: str, subject: Subject, one: Told) -> None:
    act, words = one.act, one.words
    if words.deprecated and act.retire_on and words.deprecated > act.retire_on:
        raise UsageError(f"--deprecated {words.deprecated} is after its end on {act.retire_on}")
    before = told(connection, service).get(subject, [])
    if one in before:
        return  # the transaction is tried again after a lost connection
    check(standing(other.act for other in before), act)
    connection.execute(
        insert(tables.plan_act).values(
            service_id=service_id(connection, service),
            about=subject.kind.value,
            subject=subject.name,
            kind=act.kind.value,
            deprecated_on=words.deprecated,
            retire_on=act.retire_on,
            instead=words.instead,
            migration=words.migration,
            by=act.by,
            reason=act.reason,
            at=act.at,
        )
    )


def _about_lines(connection: Connection, service: str) -> dict[Subject, list[Told]]:
    row = tables.retirement_act.c
    rows = connection.execute(
        select(
            row.line,
            tables.environment.c.name,
            *(row[name] for name in ("kind", "at", "by", "reason", "retire_on")),
        )
        .join_from(tables.retirement_act, tables.service)
        .join(tables.environment, row.environment_id == tables.environment.c.id)
        .where(tables.service.c.name.in_(names_of(connection, service)))
        .order_by(row.line, tables.environment.c.name, row.id)
    ).all()
    return {
        Subject(Kind.LINE, line, place): [Told(Act(ActKind(one[2]), *one[3:])) for one in acts]
        for (line, place), acts in groupby(rows, key=lambda one: one[:2])
    }


def _about_others(connection: Connection, service: str) -> dict[Subject, list[Told]]:
    row = tables.plan_act.c
    rows = connection.execute(
        select(tables.plan_act)
        .join_from(tables.plan_act, tables.service)
        .where(tables.service.c.name.in_(names_of(connection, service)))
        .order_by(row.about, row.subject, row.id)
    ).all()
    return {
        Subject(Kind(about), subject): [
            Told(
                Act(ActKind(one.kind), one.at, one.by, one.reason, one.retire_on),
                Words(one.deprecated_on, one.instead, one.migration),
            )
            for one in acts
        ]
        for (about, subject), acts in groupby(rows, key=lambda one: (one.about, one.subject))
    }
