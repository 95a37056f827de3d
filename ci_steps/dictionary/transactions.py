"""Reading and writing a database, each in one transaction."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ci_steps.outside.databases.errors import translated
from ci_steps.outside.databases.transactions import READ_ONLY, WRITING, with_retries, writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine, Transaction

_T = TypeVar("_T")


class Transactions:
    """The transactions of a database; every error of its own is a DictionaryError.

    One opened inside another one of the same thread is a part of it: a question asked while
    writing sees what was written so far.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = writer(engine)
        self._current = threading.local()
        self._has_answered = False

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be written."""
        return bool(self.engine.get_execution_options().get(READ_ONLY))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees one state of the dictionary, whoever writes meanwhile."""
        if self._open is not None:
            yield self._open
            return
        with self._transaction(self.engine) as connection:
            yield connection

    def write(self, function: Callable[[Connection], _T]) -> _T:
        """Write with *function*, whole or not at all; again if the database was lost meanwhile.

        Whether the end of a transaction arrived is not known when the connection breaks just
        then. So *function* may run more than once, and the second time changes nothing.
        """
        if self._open is None:
            return with_retries(lambda: self._write_once(function))
        return self._write_once(function)

    def _write_once(self, function: Callable[[Connection], _T]) -> _T:
        with self.writing() as connection:
            return function(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a connection to write with; nobody else writes until all is kept, or nothing."""
        if self._open is None:
            with self._transaction(self._writer) as connection:
                yield connection
        elif self._open.get_execution_options().get(WRITING):
            with self._open.begin_nested():
                yield self._open
        else:
            raise RuntimeError("a transaction that reads cannot become one that writes")

    @property
    def _open(self) -> Connection | None:
        return getattr(self._current, "connection", None)

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        connection, transaction = self._begun(engine)
        with translated(engine), connection, transaction:
            self._current.connection = connection
            try:
                yield connection
            finally:
                self._current.connection = None

    def _begun(self, engine: Engine) -> tuple[Connection, Transaction]:
        """Return a transaction in which nothing has happened yet: trying again is safe."""

        def begin() -> tuple[Connection, Transaction]:
            with translated(engine):
                connection = engine.connect()
                try:
                    return connection, connection.begin()
                except BaseException:
                    connection.close()
                    raise

        # One that never answered is a wrong address, and not a server that is started again.
        begun = with_retries(begin) if self._has_answered else begin()
        self._has_answered = True
        return begun
