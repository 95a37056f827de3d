"""What happened that others must know of: written once, however often it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import sqlite

from ci_steps.dictionary.tables import event, service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAJOR = "major"
TESTS_FAILED = "tests-failed"
DEPRECATION = "deprecation"
OVERRIDE = "override"


@dataclass(frozen=True)
class Event:
    """What is announced. `to` is what one must move to, as in a requirement: ``2`` of auth-2."""

    kind: str
    service: str
    to: str
    environment: str
    version: str
    at: datetime
    text: str = ""
    url: str = ""
    terms: str = ""


def record_event(connection: Connection, happened: Event) -> tuple[int, bool]:
    """Return the event's id and whether it is new; one that is known stays as it is."""
    insert_new(connection, service, [{"name": happened.service}])
    service_id = connection.scalar(select(service.c.id).where(service.c.name == happened.service))
    found = select(event.c.id).where(
        event.c.kind == happened.kind,
        event.c.service_id == service_id,
        event.c.to == happened.to,
        event.c.environment == happened.environment,
    )
    known = connection.scalar(found)
    if known is not None:
        return int(known), False
    row = {**vars(happened), "service_id": service_id}
    del row["service"]
    insert_new(connection, event, [row])
    return int(connection.execute(found).scalar_one()), True


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows that are not there yet; another job may be doing the same."""
    if not rows:
        return
    given = [dict(row) for row in rows]
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # 20 ms that SQLite does not need

        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), given)
    else:
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), given)
