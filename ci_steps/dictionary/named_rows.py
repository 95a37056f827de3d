"""Rows with a name of their own: read together, changed one after the other, written together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.statements.given import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Table


class NamedRows:
    """The rows of a table that have some names; however many these are, at most four statements.

    *blank* is what a new row says of what nobody has said.
    """

    def __init__(
        self, connection: Connection, table: Table, names: Iterable[str], **blank: Any
    ) -> None:
        self._connection = connection
        self._table = table
        self._blank = blank
        self._rows = self._read(names)
        self._added: dict[str, None] = {}
        self._changed: dict[str, None] = {}

    def put(self, name: str, given: Mapping[str, Any]) -> Effect:
        """Make the row called *name* say what is *given*; what is not given stays."""
        row = self._rows.get(name)
        if row is None:
            self._rows[name] = {"name": name, **self._blank, **given}
            self._added[name] = None
            return Effect.ADDED
        if all(row[column] == value for column, value in given.items()):
            return Effect.UNCHANGED
        row.update(given)
        if name not in self._added:
            self._changed[name] = None
        return Effect.CHANGED

    def write(self) -> dict[str, int]:
        """Write what was put, and return the numbers of all rows by their names."""
        table, rows = self._table, self._rows
        if self._added:
            self._connection.execute(insert(table), [rows[name] for name in self._added])
            rows.update(self._read(self._added))
        if self._changed:
            self._connection.execute(
                update(table).where(table.c.id == bindparam("number")),
                [
                    {"number": rows[name]["id"], **{key: rows[name][key] for key in self._blank}}
                    for name in self._changed
                ],
            )
        return {name: row["id"] for name, row in rows.items()}

    def _read(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        found = self._connection.execute(
            select(self._table).where(self._table.c.name.in_(texts("names"))),
            {"names": sorted(set(names))},
        )
        return {row["name"]: dict(row) for row in found.mappings()}
