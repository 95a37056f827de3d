"""Bring a database to the tables of this program, from whichever state an older one left it in.

Alembic takes longer to import than most steps take to run, so it is imported only where tables
have to be changed. An empty database gets the newest ones at once; a test compares them with
what all scripts come to.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, text

from ci_steps.dictionary.tables import metadata
from ci_steps.errors import DictionaryError
from ci_steps.outside.databases.errors import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic.config import Config
    from sqlalchemy import Connection, Table

# The newest script in versions/; a test compares them.
HEAD = "0017"


def is_current(connection: Connection) -> bool:
    """Return whether the database has this program's tables.

    DictionaryError if it has those of a newer one, or of something else.
    """
    return revision(connection) == HEAD


def revision(connection: Connection) -> str:
    """Return the number of the last script that was run, or nothing for an empty database.

    DictionaryError if it is a newer one than this program's, or the database of something else.
    """
    found = _revision(connection)
    if found > HEAD:
        raise DictionaryError(
            f"the dictionary has schema {found}, newer than this ci-steps: upgrade ci-steps",
            hint="Install the version of ci-steps that the other pipelines use.",
        )
    return found


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Make the tables, or run the scripts that are missing, in the transaction of *connection*."""
    found = revision(connection)
    if found == to:
        return
    if not found and to == HEAD:
        _make(connection)
        return
    from alembic import command

    command.upgrade(_config(connection), to)


def downgrade(connection: Connection, to: str) -> None:
    """Take scripts back down to *to*, or all of them down to ``base``."""
    if revision(connection) == to:
        return
    from alembic import command

    command.downgrade(_config(connection), to)


def _make(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_VERSION))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


# As Alembic makes it; it is there after the scripts were taken back down to nothing.
_VERSION = """
    CREATE TABLE IF NOT EXISTS alembic_version (
        version_num VARCHAR(32) NOT NULL,
        CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
    )
"""

# By plain statements: SQLAlchemy would ask for more than it is worth, in every process.
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))",
}


def _revision(connection: Connection) -> str:
    tables = connection.execute(text(_TABLES[connection.dialect.name])).scalars().all()
    if "alembic_version" not in tables:
        if tables:
            raise _is_something_else(connection)
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if found and not str(found).isdigit():
        raise _is_something_else(connection)
    return str(found)


def tables(connection: Connection) -> Sequence[Table]:
    """Return the tables that a database has, whatever its revision, first those needed."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _is_something_else(connection: Connection) -> DictionaryError:
    what = "file: ci-steps makes one that is not there"
    if connection.dialect.name != "sqlite":
        what = "database: ci-steps makes its tables in one that is empty"
    return DictionaryError(
        f"{place_of(connection.engine)} is not a dictionary: it is the database of something else",
        hint=f"Name another {what}.",
    )


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    # Otherwise Alembic warns about how a setting we do not use would be split.
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
