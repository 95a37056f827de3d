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
from ci_steps.outside.database_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_SERVER = "postgresql"
_KEY_BYTES = 8


@contextmanager
def only_job(engine: Engine, service: str, environment: str) -> Iterator[None]:
    """Be the only job that deploys *service* to *environment*, or be refused."""
    if engine.dialect.name != _SERVER:
        yield
        return
    key = _key(service, environment)
    # No transaction: a server ends those in which nothing happens for long.
    with translated(engine):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        with translated(engine):
            is_ours = connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one()
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


def _key(service: str, environment: str) -> int:
    digest = hashlib.sha256(f"ci-steps deploy {service} {environment}".encode()).digest()
    return int.from_bytes(digest[:_KEY_BYTES], "big", signed=True)
