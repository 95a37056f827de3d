"""Loading what `exports.export` wrote, into a dictionary in which nothing is."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import chain, groupby, islice, zip_longest
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, func, select, text

from ci_steps.dictionary import migrations
from ci_steps.dictionary.exports.export import FORM, FORM_VERSION, export, read
from ci_steps.dictionary.tables import metadata
from ci_steps.dictionary.worlds.world import Count
from ci_steps.errors import ConfigError, Problem, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ci_steps.dictionary.store import Dictionary

_ROWS_AT_ONCE = 1000


def is_export(path: Path) -> bool:
    """Return whether a file says that it is an export."""
    begin = f'{{"{FORM}"'.encode()
    try:
        with path.open("rb") as file:
            return file.read(len(begin)) == begin
    except (OSError, ValueError):
        return False  # whoever reads it says why it cannot be read


def load_export(dictionary: Dictionary, path: Path) -> Mapping[str, Count]:
    """Load an export, all of it or nothing, and return how many rows each table has got.

    An older one is brought up to date. ConfigError if it is damaged; RefusedError if the
    dictionary holds anything else: the same again changes nothing.
    """

    def load(connection: Connection) -> Mapping[str, Count]:
        with path.open(encoding="utf-8", newline="\n") as file:
            return _load(connection, str(path), (line.rstrip("\n") for line in file))

    try:
        return dictionary.write(load)
    except UnicodeDecodeError:
        raise ConfigError([Problem(str(path), 0, "", "is not UTF-8")]) from None
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise ConfigError([Problem(str(path), 0, "", f"cannot be read: {reason}")]) from None


def _load(connection: Connection, file: str, lines: Iterator[str]) -> Mapping[str, Count]:
    first = next(lines, "")
    schema = _schema(file, first)
    if not _is_empty(connection):
        return _compare(connection, file, [first], lines)
    migrations.downgrade(connection, schema)
    tables = {table.name: table for table in migrations.tables(connection)}
    reading = _Reading(file, tables)
    counts: Counter[str] = Counter()
    for name, rows in groupby(reading.rows(lines), key=lambda row: row[0]):
        while chunk := [values for _, values in islice(rows, _ROWS_AT_ONCE)]:
            connection.execute(tables[name].insert(), chunk)
            counts[name] += len(chunk)
    _count_on(connection, tables.values())
    migrations.upgrade(connection)
    return {name: Count(added=count) for name, count in counts.items()}


def _schema(file: str, line: str) -> str:
    content = _content(file, 1, line)
    schema = content.get("schema")
    if content.get(FORM) != FORM_VERSION or not isinstance(schema, str) or not schema.isdigit():
        raise _wrong(file, 1, "is not an export that this ci-steps knows")
    if len(schema) != len(migrations.HEAD) or not int(schema):
        raise _wrong(file, 1, "is not an export that this ci-steps knows")
    if schema > migrations.HEAD:
        raise ConfigError(
            [Problem(file, 1, "schema", f"{schema} is newer than this ci-steps")],
            hint="Install the version of ci-steps that has written it.",
        )
    return schema


def _is_empty(connection: Connection) -> bool:
    asked = (select(table.c.id).limit(1) for table in metadata.sorted_tables)
    return all(connection.execute(one).first() is None for one in asked)


def _compare(
    connection: Connection, file: str, first: list[str], lines: Iterator[str]
) -> Mapping[str, Count]:
    counts: Counter[str] = Counter()
    for known, given in zip_longest(export(connection), chain(first, lines)):
        if known != given:
            raise RefusedError(
                f"the dictionary is not empty, and holds other things than {file}",
                hint="Load it into a new one: --dictionary PATH|URL.",
            )
        counts[next(iter(json.loads(given)))] += 1
    return {name: Count(unchanged=counts[name]) for name in counts if name in metadata.tables}


@dataclass
class _Reading:
    """The rows of a file, by the tables of its schema."""

    file: str
    tables: Mapping[str, Table]

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the name of a table and the values of a row, line by line."""
        count = 0
        for number, line in enumerate(lines, start=2):
            named = list(_content(self.file, number, line).items())
            if len(named) != 1:
                raise _wrong(self.file, number, "expected one row of one table")
            name, content = named[0]
            if name == "rows":
                self._check_end(number, content, count, lines)
                return
            count += 1
            yield name, self._values(number, name, content)
        raise _wrong(self.file, count + 1, "the file ends in the middle: its last line is missing")

    def _check_end(self, number: int, said: object, count: int, lines: Iterable[str]) -> None:
        if said != count:
            raise _wrong(self.file, number, f"{said} rows were written, {count} are here")
        if next(iter(lines), None) is not None:
            raise _wrong(self.file, number + 1, "there is something behind the last line")

    def _values(self, number: int, name: str, content: object) -> dict[str, Any]:
        table = self.tables.get(name)
        if table is None:
            raise _wrong(self.file, number, f"the dictionary has no table {name!r}")
        if not isinstance(content, dict) or set(content) != set(table.columns.keys()):
            columns = ", ".join(table.columns.keys())
            raise _wrong(self.file, number, f"expected values for {columns}")
        found = {}
        for column in table.columns:
            value, nullable = content[column.name], bool(column.nullable)
            try:
                found[column.name] = read(value, column.type.python_type, nullable=nullable)
            except ValueError:
                raise _wrong(self.file, number, f"{value!r} is no {column.name}") from None
        return found


def _content(file: str, number: int, line: str) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        raise _wrong(file, number, "is not JSON") from None
    if not isinstance(content, dict) or not content:
        raise _wrong(file, number, "expected keys and values")
    return content


def _wrong(file: str, number: int, said: str) -> ConfigError:
    return ConfigError([Problem(file, number, "", said)])


def _count_on(connection: Connection, tables: Iterable[Table]) -> None:
    """Let PostgreSQL give numbers that no row has; SQLite looks which is free."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        greatest = connection.scalar(select(func.max(table.c.id)))
        if greatest is not None:
            set_number = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :greatest)")
            connection.execute(set_number, {"name": table.name, "greatest": greatest})
