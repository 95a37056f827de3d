"""The database of a dictionary on a PostgreSQL server."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from ci_steps.errors import DictionaryError
from ci_steps.outside.databases.addresses import shown
from ci_steps.outside.databases.transactions import READ_ONLY, WRITING

if TYPE_CHECKING:
    import psycopg

_NO_TRANSACTION = "AUTOCOMMIT"
_LOCK_SECONDS = 30
# An agent that hangs in the middle of writing is put out, for all others wait for it.
_IDLE_SECONDS = 60
_LOCK = int.from_bytes(b"ci-steps", "big")

# What libpq is told unless the address says otherwise: a server that is gone is noticed.
_CONNECTION = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "ci-steps",
}


def open_server(address: str, *, lock_seconds: float = _LOCK_SECONDS) -> Engine:
    """Open the database at ``postgresql://…``; a password may come from PGPASSWORD or .pgpass.

    No connection is made yet. Whoever wants to write waits *lock_seconds* for the others.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise DictionaryError(
            f"the dictionary {shown(address)} needs the extra postgres",
            hint="Install it: pip install 'ci-steps[postgres]'",
        )
    engine = create_engine(
        _url(address),
        # Left alone, the driver begins transactions by itself, with a question of its own.
        isolation_level=_NO_TRANSACTION,
        use_native_hstore=False,
    )
    _obey_our_transactions(engine, lock_seconds)
    _need_unicode(engine, shown(address))
    return engine


def _url(address: str) -> URL:
    try:
        url = make_url(address)
        query = {**_CONNECTION, **url.query, "client_encoding": "utf8"}
        return url.set(drivername="postgresql+psycopg", query=query)
    except (ArgumentError, ValueError) as error:
        raise DictionaryError(
            f"{shown(address)!r} is not the address of a dictionary",
            hint="Write it like postgresql://user@host:5432/name.",
        ) from error


def _obey_our_transactions(engine: Engine, lock_seconds: float) -> None:
    """Let a transaction begin with all it needs, asked for at once.

    So a connection that broke while a deployment took its time is noticed before anything has
    happened. Readers see one state and never wait. Those who write wait for each other, as in a
    file: nothing then fails that another one wrote in between, and nothing has to be tried again
    for it. The lock ends with the transaction, however that ends.
    """
    # Not a snapshot: it would be older than the lock that one waits for, and lack what the
    # one before has just written. With the lock, nobody else changes anything.
    to_write = (
        "BEGIN ISOLATION LEVEL READ COMMITTED;"
        f"SET LOCAL lock_timeout = {int(lock_seconds * 1000)};"
        f"SET LOCAL idle_in_transaction_session_timeout = {_IDLE_SECONDS * 1000};"
        f"SELECT pg_advisory_xact_lock({_LOCK})"
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == _NO_TRANSACTION:
            return
        if options.get(WRITING, False):
            connection.exec_driver_sql(to_write)
        else:
            only = " READ ONLY" if options.get(READ_ONLY, False) else ""
            connection.exec_driver_sql(f"BEGIN ISOLATION LEVEL REPEATABLE READ{only}")


def _need_unicode(engine: Engine, place: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: psycopg.Connection[Any], _: object) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise DictionaryError(
                f"the database of the dictionary {place} is in {encoding}, which cannot hold "
                "every name",
                hint="Create another one: createdb --encoding=UTF8 --template=template0 NAME",
            )
