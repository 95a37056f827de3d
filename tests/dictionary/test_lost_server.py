"""Commands whose server dies, or whose connection breaks, while they write."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from sqlalchemy import Connection, NullPool, create_engine, text

from ci_steps.dictionary.exports.export import export
from ci_steps.dictionary.worlds.world import load_world
from tests.parts.dictionaries import dictionary_at
from tests.parts.postgres import Server, server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

_WORLD = """\
owners: {team: {contacts: [{channel: slack, address: "#team"}]}}
services: {auth: {owner: team}, gis: {owner: team}}
environments: {production: {production: true}}
releases:
  - {service: auth, version: 1.1.0, commit: a1, recorded_at: "2017-10-01T12:00:00Z"}
  - {service: auth, version: 2.0.0, commit: a2}
  - {service: gis, version: "201610", commit: g1, depends_on: [auth-1.1]}
deployments:
  - {service: auth, version: 1.1.0, environment: production, at: "2017-10-01T12:00:00Z"}
  - {service: gis, version: "201610", environment: production, at: "2017-10-01T12:00:00Z"}
"""
_CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team}
spec: {type: team, children: [], profile: {email: team@shop.example}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: mail
  annotations: {ci-steps.io/version: "1.0.0", ci-steps.io/requirements: auth-1.1}
spec: {type: service, lifecycle: production, owner: team}
"""
_MATRIX = """\
{"matrix": [
  {"consumer": {"name": "gis", "version": {"number": "201610"}},
   "provider": {"name": "auth", "version": {"number": "1.1.0"}},
   "verificationResult": {"success": true}},
  {"consumer": {"name": "gis", "version": {"number": "201610"}},
   "provider": {"name": "auth", "version": {"number": "2.0.0"}},
   "verificationResult": {"success": false}}
]}
"""

_ALL = {
    "owner": 1,
    "contact": 1,
    "service": 2,
    "environment": 1,
    "release": 3,
    "requirement_set": 2,
    "requirement": 1,
    "deployment": 2,
    "live_requirement": 1,
}
# What is typed, the table at which it waits, where what comes before is written by then, and
# how many rows it adds.
COMMANDS: dict[str, tuple[str, dict[str, int]]] = {
    "load world.yaml": ("deployment", _ALL),
    "load export.jsonl": ("requirement", _ALL),
    "import catalog.yaml": ("service", {"contact": 1, "service": 1, "release": 1}),
    "verify --pact matrix.json": ("verification", {"verification": 2}),
    "policy production --evidence required": ("policy", {"policy": 1}),
    "may-deploy auth 2.0.0 production --ignore gis --until 2999-12-31 --reason rewritten": (
        "waiver",
        {"waiver": 1},
    ),
}


@dataclass
class Typed:
    """A command and its own dictionary, which was like *before*."""

    words: str
    url: str
    folder: Path
    before: list[str]

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ci_steps", "dictionary", *self.words.split()]
        return subprocess.Popen(
            [*command, "--dictionary", self.url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def now(self) -> list[str]:
        """Return every row of every table."""
        return rows(self.url)


def rows(url: str) -> list[str]:
    with dictionary_at(url) as dictionary, dictionary.reading() as connection:
        return list(export(connection))


@pytest.fixture
def mine(postgres: Server) -> Iterator[Server]:
    """A server of the test's own."""
    del postgres  # skips where there is none
    with server() as started:
        yield started


@pytest.fixture
def typed(mine: Server, tmp_path: Path) -> list[Typed]:
    known, empty = mine.new(), mine.new()
    (tmp_path / "world.yaml").write_text(_WORLD)
    (tmp_path / "catalog.yaml").write_text(_CATALOG)
    (tmp_path / "matrix.json").write_text(_MATRIX)
    with dictionary_at(empty):
        pass
    with dictionary_at(known) as dictionary:
        load_world(dictionary, yaml.safe_load(_WORLD), "world.yaml")
    (tmp_path / "export.jsonl").write_text("".join(f"{row}\n" for row in rows(known)))
    found = []
    for words in COMMANDS:
        like = empty if words.startswith("load") else known
        url = mine.new(like.rpartition("/")[2])
        found.append(Typed(words, url, tmp_path, rows(url)))
    return found


@dataclass(frozen=True)
class Waiting:
    """Processes of the server that hold the tables, and how the commands ended at last."""

    holders: list[int] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)


@contextmanager
def waiting(mine: Server, typed: list[Typed]) -> Iterator[Waiting]:
    """Start the commands, and go on when all have written something and wait for a table.

    Afterwards nobody holds the tables any more, and it is told how each command ended.
    """
    found = Waiting()
    with ExitStack() as processes:
        with ExitStack() as holders:
            for one in typed:
                holder = holders.enter_context(connected(one.url))
                holder.execute(text(f"LOCK TABLE {COMMANDS[one.words][0]} IN SHARE MODE"))
                found.holders.append(holder.scalar(text("SELECT pg_backend_pid()")) or 0)
            started = [processes.enter_context(one.start()) for one in typed]
            for process in started:
                processes.callback(process.kill)
            wait_for(mine, len(typed), started)
            yield found
        for process in started:
            said = process.communicate(timeout=60)[1]
            found.ended.append((process.returncode, said))


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection to a server that may die."""
    address = url.replace("postgresql", "postgresql+psycopg", 1)
    connection = create_engine(address, poolclass=NullPool).connect()
    try:
        yield connection
    finally:
        connection.invalidate()
        connection.close()


def wait_for(mine: Server, count: int, started: list[subprocess.Popen[str]]) -> None:
    """Return when as many wait for a table as there are; a command that has ended never will."""
    with connected(mine.url("postgres")) as connection:
        while connection.scalar(text(_WAITING.format("count(*)"))) != count:
            connection.rollback()
            ended = [process for process in started if process.poll() is not None]
            assert not ended, [process.communicate() for process in ended]
            time.sleep(0.05)


_WAITING = "SELECT {} FROM pg_locks WHERE NOT granted AND locktype = 'relation'"


def test_what_is_being_written_is_whole_or_not_there_whatever_happens_to_the_server(
    mine: Server, typed: list[Typed]
) -> None:
    with waiting(mine, typed) as killed:
        for holder in killed.holders:  # or the tables would be free before all know of the end
            os.kill(holder, signal.SIGSTOP)
        os.kill(mine.process_id, signal.SIGKILL)
    for holder in killed.holders:
        os.kill(holder, signal.SIGKILL)
    for code, said in killed.ended:
        first, _, hint = said.partition("\n")
        assert code == 3, said
        assert first.startswith("error: ")
        assert hint.startswith(" hint: ")
        assert hint.count("\n") == 1
    mine.restart_after_crash()
    assert [one.now() for one in typed] == [one.before for one in typed]

    with waiting(mine, typed) as broken:
        mine.sql(_WAITING.format("pg_terminate_backend(pid)"))
    assert broken.ended == [(0, "")] * len(typed)  # tried again, and nobody notices
    for one in typed:
        added = Counter(map(table_of, one.now())) - Counter(map(table_of, one.before))
        assert +added == COMMANDS[one.words][1], one.words


def table_of(row: str) -> str:
    """Return the table of a row; the first and the last line of an export have none."""
    name = next(iter(json.loads(row)))
    return str(name)
