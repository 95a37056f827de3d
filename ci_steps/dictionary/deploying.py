"""One job at a time deploys a service to an environment, on whichever machines they run.

A server of a dictionary is what all of them know. What one holds there is gone with its
connection, so a job that is killed holds up nobody. On one machine the targets see to it.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from ci_steps.errors import RefusedError
from ci_steps.outside.databases.errors import translated
from ci_steps.outside.databases.transactions import with_retries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_SERVER = "postgresql"
_KEY_BYTES = 8


@contextmanager
def only_job(engine: Engine, service: str, environment: str) -> Iterator[None]:
    """Be the only job that deploys *service* to *environment*, or be refused."""
    if engine.dialect.name != _SERVER:
        yield
        return
    key = _key(service, environment)
    connection, is_ours = with_retries(lambda: _tried(engine, key))
    with connection:
        if not is_ours:
            raise RefusedError(
                f"another job deploys {service} to {environment}",
                hint="Run again when that one has ended.",
            )
        try:
            yield
        finally:
            with suppress(SQLAlchemyError):  # lost with the connection, as it is held
                connection.execute(select(func.pg_advisory_unlock(key)))


def _tried(engine: Engine, key: int) -> tuple[Connection, bool]:
    """Return a connection that holds the lock, or whether somebody else holds it."""
    with translated(engine):
        # No transaction: a server ends those in which nothing happens for long.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            lock = select(func.pg_try_advisory_lock(key))
            return connection, connection.execute(lock).scalar_one()
        except BaseException:
            connection.close()
            raise


def _key(service: str, environment: str) -> int:
    digest = hashlib.sha256(f"ci-steps deploy {service} {environment}".encode()).digest()
    return int.from_bytes(digest[:_KEY_BYTES], "big", signed=True)
