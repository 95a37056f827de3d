"""A company written into a dictionary in bulk, into the tables that the migrations made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Table, insert, text

from ci_steps.dictionary.store import Dictionary
from company.rows import Row, parts
from company.services import Company

if TYPE_CHECKING:
    import psycopg

_AT_ONCE = 5_000


def load(
    dictionary: Dictionary, company: Company, progress: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Write *company* in one transaction; return how many rows each table has."""
    counts = {}
    with dictionary.writing() as connection:
        write = _copy if connection.dialect.name == "postgresql" else _insert
        for table, rows in parts(company):
            begun = time.perf_counter()
            counts[table.name] = write(connection, table, rows)
            progress(f"{table.name}: {counts[table.name]:,} in {time.perf_counter() - begun:.1f} s")
    if dictionary.engine.dialect.name == "postgresql":
        # As a server does by itself after a while. In a file nobody does, so nothing is done.
        with dictionary.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE")
            )
    return counts


def _insert(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    written = 0
    for some in _some(rows):
        connection.execute(insert(table), some)
        written += len(some)
    return written


def _copy(connection: Connection, table: Table, rows: Iterator[Row]) -> int:
    driver = cast("psycopg.Connection[object]", connection.connection.driver_connection)
    first = next(rows)
    columns = ", ".join(f'"{name}"' for name in first)
    written = 0
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN'.encode()) as copy,
    ):
        for row in chain([first], rows):
            copy.write_row(tuple(row.values()))
            written += 1
    # What is recorded next gets the next number.
    connection.execute(
        text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table}")
    )
    return written


def _some(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some
