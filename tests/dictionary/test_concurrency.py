"""Several real processes and one dictionary, in a file and on a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci_steps.model import Service
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.postgres import Server, server

_ROOT = Path(__file__).parents[2]

_OPEN = """
import sys
from tests.parts.dictionaries import deployed, dictionary_at, evidence, release, ship
url, *arguments = sys.argv[1:]

def ready():
    print("ready", flush=True)
    sys.stdin.readline()
"""

# Each one reads, and writes what follows from what it has read.
_COUNT = """
from sqlalchemy import text

def one_more(connection):
    count = int(connection.scalar(text("SELECT title FROM owner WHERE name = 'count'")))
    connection.execute(text(f"UPDATE owner SET title = '{count + 1}' WHERE name = 'count'"))

(times,) = arguments
with dictionary_at(url) as dictionary:
    ready()
    for number in range(int(times)):
        dictionary.write(one_more)
"""

_WRITE = """
name, times = arguments
ready()
with dictionary_at(url) as dictionary:
    for number in range(int(times)):
        ship(dictionary, f"{name} 1.{number}", "auth-1.1", hours=number)
        dictionary.record_evidence(evidence("unit-test", commit=f"{name}-{number}"))
"""

_RACE = """
(version,) = arguments
with dictionary_at(url) as dictionary:
    for number in range(10):
        ready()
        ship(dictionary, f"auth 1.{number}.{version}", "gis-201610", hours=number)
        print("done", flush=True)
"""

_SAME = """
(times,) = arguments
ready()
with dictionary_at(url) as dictionary:
    for number in range(int(times)):
        shipped = release(f"auth 1.{number}", "gis-201610")
        proof = evidence("unit-test", version=f"1.{number}", hours=number)
        dictionary.record_deployment(
            shipped, deployed(shipped, hours=number), production=True, evidence=[proof]
        )
"""

_STOP_HALF_WAY = """
shipped = release("auth 1.1", "gis-201610")
with dictionary_at(url) as dictionary:
    dictionary.record_deployment(
        shipped, deployed(shipped), production=True,
        evidence=[evidence("unit-test")], also=lambda _: ready(),
    )
"""

_ANSWER = """
from ci_steps.errors import DictionaryError
from ci_steps.model import Service
with dictionary_at(url) as dictionary:
    ready()
    try:
        for number in range(100_000):
            dictionary.record_service(Service(f"s{number}"))
            print(f"s{number}", flush=True)
    except DictionaryError as error:
        sys.exit(error.exit_code)
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process, and return when it has printed its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OPEN + script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    assert process.stdout is not None
    if not process.stdout.readline():
        pytest.fail(process.communicate()[1])
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def run_at_once(*started: subprocess.Popen[str]) -> None:
    """Let them go on at the same moment, and wait until all have done what they do."""
    for process in started:
        go(process)
    said = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0] * len(started), "\n".join(said)


def count_at_once(url: str, processes: int, times: int) -> None:
    """Let each of some processes read a number and write the next one, again and again."""
    with dictionary_at(url) as dictionary, dictionary.writing() as connection:
        connection.exec_driver_sql("INSERT INTO owner (name, title) VALUES ('count', '0')")
    run_at_once(*(start(_COUNT, url, str(times)) for _ in range(processes)))
    with dictionary_at(url) as dictionary:
        (owner,) = dictionary.owners()
    assert owner.title == str(processes * times)


@pytest.mark.slow
def test_nothing_is_lost_when_several_read_and_then_write(empty_url: str) -> None:
    count_at_once(empty_url, processes=3, times=40)


@pytest.mark.slow
def test_eight_processes_of_150_transactions_lose_nothing_and_none_fails(empty_url: str) -> None:
    count_at_once(empty_url, processes=8, times=150)


@pytest.mark.slow
def test_processes_that_open_an_empty_database_and_write_at_once_lose_nothing(
    empty_url: str,
) -> None:
    services, times = ["gis", "mail", "shop", "web"], 25
    run_at_once(*(start(_WRITE, empty_url, service, str(times)) for service in services))
    with dictionary_at(empty_url) as dictionary:
        for service in services:
            assert len(dictionary.history(service)) == times
            (live,) = dictionary.live(service=service)
            assert str(live.version) == f"1.{times - 1}"
            assert len(dictionary.releases(service)) == times
        assert len(dictionary.evidence_of("auth")) == len(services) * times
        assert len(dictionary.dependents("auth")) == len(services)


@pytest.mark.slow
def test_of_two_deployments_to_one_slot_at_one_instant_one_runs_in_the_end(empty_url: str) -> None:
    with dictionary_at(empty_url) as dictionary:
        ship(dictionary, "gis 201610")
    racers = [start(_RACE, empty_url, version) for version in ("1", "2")]
    with dictionary_at(empty_url) as dictionary:
        for number in range(10):
            for racer in racers:
                go(racer)
            for racer in racers:
                assert racer.stdout is not None
                assert racer.stdout.readline() == "done\n", racer.communicate()[1]
                if number < 9:
                    assert racer.stdout.readline() == "ready\n"
            (live,) = dictionary.live(service="auth")
            assert str(live.version) in {f"1.{number}.1", f"1.{number}.2"}
            assert len(dictionary.history("auth")) == 2 * (number + 1)
            assert len(dictionary.dependents("gis")) == 1
    for racer in racers:
        racer.communicate(timeout=30)


@pytest.mark.slow
def test_the_same_pipeline_several_times_at_once_records_once(empty_url: str) -> None:
    times = 5
    run_at_once(*(start(_SAME, empty_url, str(times)) for _ in range(3)))
    with dictionary_at(empty_url) as dictionary:
        assert len(dictionary.releases("auth")) == times
        assert len(dictionary.evidence_of("auth")) == times
        assert len(dictionary.live()) == 1


def test_a_process_killed_half_way_leaves_nothing_and_no_lock(empty_url: str) -> None:
    with dictionary_at(empty_url) as dictionary:
        dictionary.record_service(Service("web"))
    process = start(_STOP_HALF_WAY, empty_url)
    process.kill()
    process.communicate(timeout=30)
    with dictionary_at(empty_url) as dictionary:
        assert dictionary.services() == (Service("web"),)
        assert dictionary.environments() == ()
        assert dictionary.live() == ()
        assert dictionary.releases("auth") == ()
        assert dictionary.evidence_of("auth") == ()
        ship(dictionary, "auth 1.1")
        assert len(dictionary.live()) == 1


@contextmanager
def writer_at(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that says of each service when it is recorded."""
    process = start(_ANSWER, url)
    go(process)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["immediate stop", "kill -9"])
def test_a_server_that_dies_loses_nothing_that_was_answered(postgres: Server, how: str) -> None:
    del postgres  # skips where there is none
    with server() as mine:
        url = mine.new()
        with writer_at(url) as process:
            assert process.stdout is not None
            answered = [process.stdout.readline().strip() for _ in range(50)]
            if how == "kill -9":
                os.kill(mine.process_id, signal.SIGKILL)
            else:
                mine.stop("immediate")
            rest, said = process.communicate(timeout=60)
            answered += rest.split()
        assert (process.returncode, said) == (3, "")
        mine.restart_after_crash()
        with dictionary_at(url) as dictionary:
            assert {one.name for one in dictionary.services()} >= set(answered)


@pytest.mark.slow
def test_a_server_that_comes_back_at_once_is_written_to_as_if_nothing_had_happened(
    postgres: Server,
) -> None:
    del postgres  # skips where there is none
    with server() as mine:
        url = mine.new()
        with writer_at(url) as process:
            assert process.stdout is not None
            before = [process.stdout.readline().strip() for _ in range(50)]
            mine.stop("immediate")
            mine.start()
            after = [process.stdout.readline().strip() for _ in range(50)]
        answered = [*before, *after]
        assert answered == [f"s{number}" for number in range(100)]
        with dictionary_at(url) as dictionary:
            assert {one.name for one in dictionary.services()} >= set(answered)
