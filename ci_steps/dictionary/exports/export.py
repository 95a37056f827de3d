"""Everything that a dictionary holds as JSON Lines, to keep it or to move it to another database.

The first line says what it is and of which schema, the last one how many rows there are; between
them each line is a row of a table, with the number that others refer to it by:

    {"ci_steps_dictionary": 1, "schema": "0003"}
    {"owner": {"id": 1, "name": "auth-team", "title": "Auth team"}}
    {"service": {"id": 1, "name": "auth", "owner_id": 1, "repository": ""}}
    {"rows": 2}

Times are UTC, bytes are Base64. What waits in the outbox keeps its state, so that nothing is
sent twice after a move.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Table, select

from ci_steps.dictionary import migrations
from ci_steps.dictionary.tables import metadata
from ci_steps.moments import iso_moment, iso_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORM = "ci_steps_dictionary"
FORM_VERSION = 1
_ROWS_AT_ONCE = 1000
_MOST = 2**63  # of a whole number in a database


def export(connection: Connection) -> Iterator[str]:
    """Yield the lines of a dictionary, the same for the same content on every database."""
    yield _line({FORM: FORM_VERSION, "schema": migrations.HEAD})
    count = 0
    for table in metadata.sorted_tables:
        names = table.columns.keys()
        for row in _rows(connection, table):
            count += 1
            values = {name: _written(value) for name, value in zip(names, row, strict=True)}
            yield _line({table.name: values})
    yield _line({"rows": count})


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    # Not with a cursor of the server: one that is left half read stays open there.
    statement = select(table).order_by(table.c.id).limit(_ROWS_AT_ONCE)
    rows = connection.execute(statement).all()
    while rows:
        yield from rows
        rows = connection.execute(statement.where(table.c.id > rows[-1].id)).all()


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def read(value: Any, kind: type, *, nullable: bool) -> Any:
    """Return a value of *kind* as `export` has written it; ValueError if it is none."""
    if value is None and nullable:
        return None
    if kind in _READ and isinstance(value, str):
        return _READ[kind](value)
    # True is a whole number to Python.
    if type(value) is not kind:
        raise ValueError(value)
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int) and not -_MOST <= value < _MOST:
        raise ValueError(value)
    return value


def _check_text(value: str) -> None:
    # What is no Unicode no database takes, and a zero PostgreSQL does not.
    value.encode()
    if "\0" in value:
        raise ValueError(value)


_READ: Mapping[type, Callable[[str], Any]] = {
    datetime: iso_moment,
    date: date.fromisoformat,
    bytes: lambda text: base64.b64decode(text, validate=True),
}
