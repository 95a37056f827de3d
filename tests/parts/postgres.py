"""A real PostgreSQL server for the tests: started once, with a database for each test."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine, text

from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import metadata
from ci_steps.outside.databases.opening import open_database
from tests.parts.dictionaries import dictionary_at
from tests.parts.ports import free_port

USER = "team"
# Made anew for each run; its first signs have to be quoted in an address.
PASSWORD = f"p@/{secrets.token_hex(16)}"

_MISSING = "{} is not installed: not proven that the dictionary works on PostgreSQL"
_SETTINGS = {
    "fsync": "off",  # the machine does not lose power, and a killed server loses nothing by it
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}
_SECONDS = 60


class Server:
    """A running server that asks for a password, and what a test does to it."""

    def __init__(self, programs: Path, folder: Path, settings: Mapping[str, str]) -> None:
        self._programs, self.folder = programs, folder
        self._settings = {**_SETTINGS, **settings}
        self.port = free_port()
        self._numbers = count(1)
        self._admin: Engine | None = None

    def make(self) -> None:
        """Make the files of the server."""
        (self.folder / "password").write_text(f"{PASSWORD}\n")
        shutil.chown(self.folder / "password", _account())
        self._run(
            "initdb",
            *("--pgdata", self._files, "--username", USER, "--auth", "scram-sha-256"),
            *("--pwfile", str(self.folder / "password"), "--encoding", "UTF8"),
            *("--locale", "C.UTF-8", "--no-sync"),
        )

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {**self._settings, "unix_socket_directories": str(self.folder)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = str(self.folder / "log")
        at = f"{options} -c listen_addresses=127.0.0.1 -c port={self.port}"
        self._run("pg_ctl", "start", "-w", "-D", self._files, "-l", log, "-o", at)

    def stop(self, how: str = "fast") -> None:
        """Stop the server: fast, or immediate, which is a crash."""
        self._forget()
        self._run("pg_ctl", "stop", "-w", "-D", self._files, "-m", how)

    def restart_after_crash(self) -> None:
        """Start the server as soon as its orphans, who tell nobody of their end, are gone."""
        self._forget()
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                return self.start()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    @property
    def process_id(self) -> int:
        """The number of the process that all others of the server belong to."""
        return int((self.folder / "files" / "postmaster.pid").read_text().splitlines()[0])

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        """Return the address of a database as people write it."""
        secret = f":{quote(password, safe='')}" if password else ""
        return f"postgresql://{USER}{secret}@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str) -> None:
        """Carry out a statement as the administrator, outside of any transaction."""
        if self._admin is None:
            url = self.url("postgres").replace("postgresql", "postgresql+psycopg", 1)
            self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def new(self, like: str = "template0") -> str:
        """Make a database and return its address."""
        name = f"dictionary_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever uses it."""
        self.sql(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    @contextmanager
    def database(self, like: str = "template0") -> Iterator[str]:
        """Make a database, and take it away in the end."""
        url = self.new(like)
        try:
            yield url
        finally:
            self.drop(url)

    def _forget(self) -> None:
        if self._admin is not None:
            self._admin.dispose()
            self._admin = None

    @property
    def _files(self) -> str:
        return str(self.folder / "files")

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root.
        as_account = ["runuser", "-u", _account(), "--"] if os.geteuid() == 0 else []
        log = self.folder / "log"
        done = subprocess.run(
            [*as_account, str(self._programs / program), *arguments],
            # A server would keep a pipe open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            said = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{program} ended with {done.returncode}\n{said}")


@contextmanager
def server(settings: Mapping[str, str] = {}) -> Iterator[Server]:
    """Make and start a server, perhaps with other *settings*; its files are gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="ci-steps-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _account())
    started = Server(_programs(), folder, settings)
    try:
        started.make()
        started.start()
        yield started
    finally:
        if (folder / "files" / "postmaster.pid").exists():
            started.stop("immediate")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server for all tests; in ``template1`` are the tables of a dictionary."""
    _need()
    with server() as started:
        with Dictionary.open(open_database(started.url("template1"))):
            pass
        yield started


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """The address of a database in which nothing is."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def shared_url(postgres: Server) -> Iterator[str]:
    """The address of a dictionary that one test after the other uses."""
    with postgres.database("template1") as url:
        yield url


@pytest.fixture(scope="session")
def shared_engine(shared_url: str) -> Engine:
    """The engine of that dictionary: it keeps the statements that it has made texts of."""
    return open_database(shared_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database in which nothing is, on either kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "dictionary.db")
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def dictionary(request: pytest.FixtureRequest) -> Iterator[Dictionary]:
    """A dictionary that knows nothing, on either kind of database."""
    if request.param == "sqlite":
        with dictionary_at() as opened:
            yield opened
    else:
        engine = request.getfixturevalue("shared_engine")
        _forget_all(engine)
        with Dictionary.open(engine) as opened:
            yield opened


# Ten times as fast as TRUNCATE, which makes new files for every table and index.
_FORGET = "; ".join(
    [
        "SET LOCAL lock_timeout = '5s'",  # a test that left something open fails here
        "SET LOCAL session_replication_role = replica",  # nothing refers to what is left
        *(f"DELETE FROM {table}" for table in metadata.tables),
        (
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)"
            " FROM pg_sequences"
        ),
    ]
)


def _forget_all(engine: Engine) -> None:
    with engine.begin() as connection:
        # As one text, which only the driver's own cursor takes.
        cursor = connection.connection.cursor()
        cursor.execute(_FORGET)
        cursor.close()


def _need() -> None:
    try:
        import psycopg  # noqa: F401 (is it there?)
    except ImportError:
        pytest.skip(_MISSING.format("psycopg"))
    try:
        _programs()
    except FileNotFoundError:
        pytest.skip(_MISSING.format("postgresql"))


def _programs() -> Path:
    """Return the folder of the server's programs; Debian keeps them out of the PATH."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve()] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if not found or (os.geteuid() == 0 and shutil.which("runuser") is None):
        raise FileNotFoundError("initdb")
    return found[0].parent


def _account() -> str:
    """Return the user that the server runs as."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return "nobody"
