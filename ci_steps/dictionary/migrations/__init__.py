"""Bring a database to the tables of this program, from whichever state an older one left it in.

Alembic takes longer to import than most steps take to run, so it is imported only where
something has to be done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from ci_steps.errors import DictionaryError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

# The newest script in versions/; a test compares them.
HEAD = "0002"


def is_current(connection: Connection) -> bool:
    """Return whether the database has this program's tables.

    DictionaryError if it has those of a newer one, or of something else.
    """
    found = _revision(connection)
    if found > HEAD:
        raise DictionaryError(
            f"the dictionary has schema {found}, newer than this ci-steps: upgrade ci-steps",
            hint="Install the version of ci-steps that the other pipelines use.",
        )
    return found == HEAD


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the scripts that are missing, in the transaction of *connection*."""
    from alembic import command

    command.upgrade(_config(connection), to)


def downgrade(connection: Connection, to: str) -> None:
    """Take scripts back down to *to*, or all of them down to ``base``."""
    from alembic import command

    command.downgrade(_config(connection), to)


def _revision(connection: Connection) -> str:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise _is_something_else(connection)
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if found and not str(found).isdigit():
        raise _is_something_else(connection)
    return str(found)


def _is_something_else(connection: Connection) -> DictionaryError:
    place = connection.engine.url.render_as_string(hide_password=True)
    return DictionaryError(
        f"{connection.engine.url.database or place} is not a dictionary: "
        "it is the database of something else",
        hint="Name another file: ci-steps makes one that is not there.",
    )


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    # Otherwise Alembic warns about how a setting we do not use would be split.
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
