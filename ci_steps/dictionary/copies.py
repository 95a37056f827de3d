"""A copy of the dictionary on a server, for a rehearsal: nothing there is touched or locked."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, select

from ci_steps.dictionary import migrations
from ci_steps.outside.databases.errors import translated
from ci_steps.outside.databases.opening import ORIGINAL
from ci_steps.outside.databases.transactions import writer

if TYPE_CHECKING:
    from sqlalchemy import Row

_ROWS_AT_ONCE = 5000


def fill(engine: Engine) -> None:
    """Copy into *engine* what its original holds, if it is the copy of one."""
    original: Engine | None = engine.get_execution_options().get(ORIGINAL)
    if original is None:
        return
    try:
        with (
            translated(original),
            original.connect() as source,
            source.begin(),
            writer(engine).connect() as target,
            target.begin(),
        ):
            _copy(source, target)
    finally:
        original.dispose()


def _copy(source: Connection, target: Connection) -> None:
    revision = migrations.revision(source)
    if not revision:
        return
    migrations.upgrade(target, revision)
    for table in migrations.tables(target):
        found = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table))
        for rows in found.partitions():
            target.execute(table.insert(), [_in_utc(row) for row in rows])


def _in_utc(row: Row[Any]) -> dict[str, Any]:
    return {
        name: value.astimezone(timezone.utc) if isinstance(value, datetime) else value
        for name, value in row._mapping.items()  # noqa: SLF001 (the public way of SQLAlchemy)
    }
