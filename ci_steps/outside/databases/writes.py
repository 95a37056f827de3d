"""Several statements sent to a server together: what takes time is waiting for each answer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    from sqlalchemy import Connection


@contextmanager
def at_once(connection: Connection) -> Iterator[None]:
    """Send what is written here without waiting in between; in the end all of it was done.

    Nothing may be asked for here, not even how many rows were changed: the answers come in the
    end, and so do the errors. A file waits for nobody, so that nothing is different there.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    errors = connection.dialect.loaded_dbapi
    if not errors.Pipeline.is_supported():  # an old libpq of the system
        yield
        return
    try:
        with driver.pipeline():
            yield
    except errors.Error as error:
        raise _known(connection, error) from error


def _known(connection: Connection, error: Exception) -> BaseException:
    """Return an error of the driver as SQLAlchemy raises it for a single statement."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(cast("Any", error), cast("Any", connection.connection), None)
    # A server that ends a connection says why first, and what was sent is never answered.
    is_lost = is_lost or _is_stuck(connection)
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        None,
        None,
        error,
        dialect.loaded_dbapi.Error,
        connection_invalidated=is_lost,
        dialect=dialect,
    )


def _is_stuck(connection: Connection) -> bool:
    """Return whether a connection still waits for answers that no longer come."""
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    return driver.info.pipeline_status is not connection.dialect.loaded_dbapi.pq.PipelineStatus.OFF
