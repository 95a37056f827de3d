"""Reading and writing a database, each in one transaction."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ci_steps.outside.database_errors import translated
from ci_steps.outside.databases import WRITING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


class Transactions:
    """The transactions of a database; every error of its own is a DictionaryError.

    One opened inside another one of the same thread is a part of it: a question asked while
    writing sees what was written so far.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{WRITING: True})
        self._current = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees one state of the dictionary, whoever writes meanwhile."""
        if self._open is not None:
            yield self._open
            return
        with self._transaction(self.engine) as connection:
            yield connection

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
        with translated(engine), engine.connect() as connection, connection.begin():
            self._current.connection = connection
            try:
                yield connection
            finally:
                self._current.connection = None
