"""The database of a dictionary: opened, or copied for a rehearsal."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, cast

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from ci_steps.errors import DictionaryError, NoDictionaryError
from ci_steps.outside.databases.addresses import sqlite_path
from ci_steps.outside.databases.errors import COPIED, place_of, translated, translated_at
from ci_steps.outside.databases.transactions import READ_ONLY, WRITING

if TYPE_CHECKING:
    from pathlib import Path

# An execution option: the database that a rehearsal takes its copy of.
ORIGINAL = "ci_steps_original"

_LOCK_SECONDS = 10
_IN_MEMORY = ":memory:"
# What a file may be kept of in memory; by default it is 2 MB, and a question about what half of a
# large company needs reads more.
_CACHE_KIB = 64 * 1024


def open_database(url: str, *, lock_seconds: float = _LOCK_SECONDS) -> Engine:
    """Open the database at *url*; whoever wants to write waits *lock_seconds* for the others.

    *url* is a path, ``sqlite:///`` and a path, or ``postgresql://…``; ``:memory:`` is a
    database that nobody else sees. A file that is not there is made, with its folders.
    DictionaryError if it cannot be used.
    """
    path = sqlite_path(url)
    if path is None:
        from ci_steps.outside.databases.servers import open_server

        return open_server(url)
    if str(path) == _IN_MEMORY:
        return _in_memory()
    _make_folder(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": lock_seconds}
    )
    _obey_our_transactions(engine)
    try:
        with translated(engine), engine.connect() as connection:
            _log_ahead(connection, lock_seconds)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_copy(url: str) -> Engine:
    """Open a copy in memory of the database at *url*, empty if there is none.

    The original is only read, and no file appears beside it. That of a server is only named
    in the option ORIGINAL: `Dictionary.open` knows which tables to copy.
    """
    path = sqlite_path(url)
    engine = _in_memory()
    if path is None:
        # Not a transaction there that is undone in the end: others would wait for its locks.
        from ci_steps.outside.databases.servers import open_server

        original = open_server(url)
        return engine.execution_options(**{ORIGINAL: original, COPIED: place_of(original)})
    if str(path) == _IN_MEMORY:
        return engine
    try:
        with translated_at(str(path)):
            _copy(path, engine)
    except BaseException:
        engine.dispose()
        raise
    return engine.execution_options(**{COPIED: str(path)})


def open_to_read(url: str) -> Engine:
    """Open the database at *url* so that nothing can be written through it.

    NoDictionaryError if there is none. A server is asked for transactions that only read; a
    file is opened so that SQLite refuses to write, and where nobody has it open no file
    appears beside it.
    """
    path = sqlite_path(url)
    if path is None:
        from ci_steps.outside.databases.servers import open_server

        return open_server(url).execution_options(**{READ_ONLY: True})
    if str(path) == _IN_MEMORY or _stamp(path) is None:
        raise NoDictionaryError(f"there is no dictionary at {path}")
    address = f"{path.absolute().as_uri()}?{_how_to_read(path)}"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    _obey_our_transactions(engine)
    return engine.execution_options(**{COPIED: str(path), READ_ONLY: True})


def _how_to_read(path: Path) -> str:
    log = path.with_name(f"{path.name}-wal")
    return "mode=ro" if log.exists() else "immutable=1"


def _make_folder(path: Path) -> None:
    try:
        is_folder = path.is_dir()
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DictionaryError(
            f"cannot make the folder of the dictionary {path}: {error.strerror}",
            hint="Name a file in a folder that this user may write.",
        ) from error
    if is_folder:
        raise _is_folder(path)


def _is_folder(path: Path) -> DictionaryError:
    return DictionaryError(
        f"cannot open the dictionary {path}: it is a folder",
        hint=f"Name a file in it, such as {path / 'dictionary.db'}.",
    )


def _in_memory() -> Engine:
    # The one connection is the database: a second thread waits for it.
    engine = create_engine(
        "sqlite://",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    _obey_our_transactions(engine)
    return engine


def _obey_our_transactions(engine: Engine) -> None:
    """Let SQLAlchemy begin transactions: Python's sqlite3 begins them too late, and deferred.

    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html: serializable isolation, savepoints
    and transactional DDL. A deferred transaction that writes after it read fails at once,
    without waiting, when another one wrote in between.
    """

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _log_ahead(connection: Connection, lock_seconds: float) -> None:
    """Let readers go on while somebody writes; the file remembers it."""
    driver = _driver(connection.connection.driver_connection)
    deadline = time.monotonic() + lock_seconds
    # Two that change it at once do not wait for each other, whatever the timeout.
    while not _logs_ahead(driver, is_last_try=time.monotonic() >= deadline):
        time.sleep(0.01)


def _logs_ahead(driver: sqlite3.Connection, *, is_last_try: bool) -> bool:
    try:
        if driver.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            driver.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if is_last_try or "locked" not in str(error):
            raise
        return False
    return True  # or the file system, as one of a network, knows only the other way


def _copy(path: Path, engine: Engine) -> None:
    before = _stamp(path)
    if before is None:
        return
    log = path.with_name(f"{path.name}-wal")
    address = path.absolute().as_uri()
    # Where nobody writes, the file may be read as it is. Opened with mode=ro, SQLite would
    # leave two files beside it.
    if not log.exists():
        _back_up(f"{address}?immutable=1", engine)
        if _stamp(path) == before and not log.exists():
            return
    try:
        _back_up(f"{address}?mode=ro", engine)
    except sqlite3.OperationalError:  # a log in a folder that cannot be written
        _back_up(f"{address}?immutable=1", engine)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when the file does, or None if there is no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DictionaryError(f"cannot read the dictionary {path}: {error.strerror}") from error
    if path.is_dir():
        raise _is_folder(path)
    return status.st_mtime_ns, status.st_size


def _back_up(address: str, engine: Engine) -> None:
    with closing(sqlite3.connect(address, uri=True, timeout=_LOCK_SECONDS)) as original:
        pooled = engine.raw_connection()
        try:
            original.backup(_driver(pooled.driver_connection))
        finally:
            pooled.close()


def _driver(connection: object) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection)
