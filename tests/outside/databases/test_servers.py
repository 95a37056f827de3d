"""What can go wrong between a dictionary and its PostgreSQL server, with a real one."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Connection, text

from ci_steps.dictionary.exports.export import export
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.worlds.world import load_world
from ci_steps.errors import DictionaryError
from ci_steps.model import Service
from ci_steps.outside.databases.opening import open_copy, open_database
from ci_steps.outside.databases.servers import open_server
from ci_steps.outside.databases.writes import at_once
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import NOON, deployed, dictionary_at, release, ship
from tests.parts.postgres import PASSWORD, Server, server


def names(dictionary: Dictionary) -> list[str]:
    return [service.name for service in dictionary.services()]


def problem(url: str) -> DictionaryError:
    """Return what is said when the dictionary is opened, for real and in a rehearsal."""
    said = []
    for opened in (open_database, open_copy):
        with pytest.raises(DictionaryError) as raised:
            Dictionary.open(opened(url))
        said.append(str(raised.value))
        for secret in (PASSWORD, quote(PASSWORD, safe=""), "wrong"):
            assert secret not in f"{raised.value} {raised.value.hint}"
        assert raised.value.exit_code == 3
        assert raised.value.hint
    assert said[0] == said[1]
    return raised.value


# Opening.


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_way_to_write_the_address_is_read(postgres: Server, scheme: str) -> None:
    with postgres.database("template1") as url:
        address = f"{scheme}{url.removeprefix('postgresql')}?sslmode=disable&application_name=x"
        with dictionary_at(address) as dictionary:
            assert names(dictionary) == []


def test_the_password_may_come_from_the_environment_or_from_a_file(
    postgres: Server, shared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.url(shared_url.rpartition("/")[2], password="")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with dictionary_at(url):
        pass
    monkeypatch.delenv("PGPASSWORD")
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"127.0.0.1:*:*:*:{PASSWORD}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    with dictionary_at(url):
        pass


@pytest.mark.parametrize(
    ("database", "password", "options", "said"),
    [
        ("template1", "wrong", "", "does not accept the user or the password"),
        ("template1", "", "", "does not accept the user or the password"),
        ("nowhere", "right", "", "there is no database for the dictionary"),
        ("template1", "right", "?sslmode=require", "does not talk TLS"),
        (
            "template1",
            "right",
            "?sslmode=perhaps",
            "an option whose value PostgreSQL does not",
        ),
        ("template1", "right", "?color=red", "has an option that PostgreSQL does not know"),
    ],
)
def test_what_the_server_does_not_like_is_said_in_a_sentence(
    postgres: Server, database: str, password: str, options: str, said: str
) -> None:
    # Not in the list: a test has the same name in every run, and no password in it.
    secret = PASSWORD if password == "right" else password
    error = problem(postgres.url(database, password=secret) + options)
    assert said in str(error)
    assert f"127.0.0.1:{postgres.port}/{database}" in str(error)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://team:wrong@127.0.0.1:1/x", "the server refuses connections"),
        ("postgresql://team:wrong@nowhere.invalid/x", "nobody knows the host"),
        ("postgresql://team:wrong@/x?host=/nowhere", "nothing listens there"),
        ("postgresql://team:wrong@db.example:port/x", "is not the address of a dictionary"),
        ("postgresql://db.example:5432:1/x?password=wrong", "is not the address of a dictionary"),
    ],
)
def test_what_leads_to_no_server_is_said_in_a_sentence(url: str, said: str) -> None:
    assert said in str(problem(url))


def test_a_server_that_is_silent_is_waited_for_only_so_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"postgresql://127.0.0.1:{listening.getsockname()[1]}/x?connect_timeout=2"
        assert "the server is silent" in str(problem(address))


def test_nobody_waits_longer_than_ten_seconds_by_default() -> None:
    engine = open_server("postgresql://db.example/x")
    assert engine.url.query["connect_timeout"] == "10"


def test_a_database_that_cannot_hold_every_name_is_refused(postgres: Server) -> None:
    postgres.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    error = problem(postgres.url("latin"))
    assert "is in LATIN1" in str(error)
    assert "--encoding=UTF8" in error.hint


# What may not be done.


def test_a_server_that_is_read_only_can_be_asked_and_says_so_when_written(
    postgres: Server,
) -> None:
    with postgres.database("template1") as url:
        with dictionary_at(url) as dictionary:
            ship(dictionary, "auth 1.1")
        postgres.sql(
            f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on"
        )
        with dictionary_at(url) as dictionary:
            assert names(dictionary) == ["auth"]
            with pytest.raises(DictionaryError, match=r"the server is read-only"):
                dictionary.record_service(Service("gis"))
        with Dictionary.open(open_copy(url)) as copy:
            copy.record_service(Service("gis"))
            assert names(copy) == ["auth", "gis"]


def test_a_user_who_may_only_read_can_ask_and_rehearse(postgres: Server) -> None:
    with postgres.database("template1") as url:
        with dictionary_at(url) as dictionary, dictionary.writing() as connection:
            connection.execute(text(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'"))
            connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        as_reader = url.replace("team", "reader", 1)
        with dictionary_at(as_reader) as dictionary:
            assert names(dictionary) == []
            with pytest.raises(DictionaryError, match=r"has not the right to do this"):
                dictionary.record_service(Service("gis"))
        with Dictionary.open(open_copy(as_reader)) as copy:
            copy.record_service(Service("gis"))
            assert names(copy) == ["gis"]
        postgres.drop(url)
        postgres.sql("DROP ROLE reader")


# Transactions.


def test_a_question_sees_one_state_whoever_writes_meanwhile(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        with dictionary.reading():
            assert names(dictionary) == []
            with dictionary_at(url) as other:
                other.record_service(Service("auth"))
            assert names(dictionary) == []
        assert names(dictionary) == ["auth"]


def test_one_writes_after_the_other_and_sees_what_it_has_written(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        shipped = release("auth 1.2")
        done = threading.Thread(target=lambda: ship_at(url, "auth 1.2"))
        with dictionary.writing() as connection:
            ship(dictionary, "auth 1.1", hours=0)
            done.start()
            wait_for_a_waiting_writer(connection)
        done.join(30)
        assert [one.version for one in dictionary.live()] == [shipped.version]
        assert len(dictionary.history("auth")) == 2


def ship_at(url: str, label: str) -> None:
    with dictionary_at(url) as dictionary:
        ship(dictionary, label, hours=1)


def wait_for_a_waiting_writer(connection: Connection) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    for _ in range(1000):
        if connection.scalar(waiting):
            return
        connection.execute(text("SELECT pg_sleep(0.01)"))
    pytest.fail("nobody waits")


def test_somebody_who_writes_for_too_long_is_an_error_and_readers_go_on(postgres: Server) -> None:
    with (
        postgres.database("template1") as url,
        dictionary_at(url) as writer,
        writer.writing(),
        Dictionary.open(open_server(url, lock_seconds=0.1)) as other,
    ):
        assert names(other) == []
        with pytest.raises(DictionaryError, match=r"is locked: another process has been"):
            other.record_service(Service("gis"))


def test_a_time_is_utc_whatever_the_zone_of_the_server(postgres: Server) -> None:
    with postgres.database("template1") as url:
        postgres.sql(f"ALTER DATABASE {url.rpartition('/')[2]} SET timezone = 'Asia/Tokyo'")
        with dictionary_at(url) as dictionary:
            ship(dictionary, "auth 1.1")
            (live,) = dictionary.live()
        assert (live.at, live.at.tzinfo) == (NOON, timezone.utc)
        with Dictionary.open(open_copy(url)) as copy:
            assert copy.live() == (live,)


def test_a_text_that_is_too_long_is_refused_in_a_sentence(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        with pytest.raises(DictionaryError, match=r"^a text is too long for the dictionary"):
            dictionary.record_service(Service("x" * 300))
        dictionary.record_service(Service("'; DROP TABLE service; --"))
        assert names(dictionary) == ["'; DROP TABLE service; --"]


INSERT = text("INSERT INTO service (name) VALUES (:name)")


def test_what_is_written_at_once_is_done_whole_or_refused_in_a_sentence(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        with pytest.raises(DictionaryError, match=r"^a text is too long for the dictionary"):
            write_at_once(dictionary, "auth", "x" * 300)
        assert names(dictionary) == []
        write_at_once(dictionary, "auth", "gis")
        assert names(dictionary) == ["auth", "gis"]


def write_at_once(dictionary: Dictionary, *services: str) -> None:
    with dictionary.writing() as connection, at_once(connection):
        for name in services:
            connection.execute(INSERT, {"name": name})


# A connection or a server that is lost.


def test_a_connection_lost_while_several_are_sent_at_once_is_tried_again(postgres: Server) -> None:
    tries = []
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:

        def write(connection: Connection) -> None:
            tries.append(1)
            with at_once(connection):
                connection.execute(INSERT, {"name": "auth"})
                if len(tries) == 1:
                    cut(postgres, url)

        dictionary.write(write)
        assert (names(dictionary), len(tries)) == (["auth"], 2)


def cut(postgres: Server, url: str) -> None:
    """End every connection with a database, as its administrator may."""
    name = url.rpartition("/")[2]
    postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def test_a_connection_that_broke_between_two_questions_is_replaced(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        assert names(dictionary) == []
        cut(postgres, url)
        with dictionary.writing():
            dictionary.record_service(Service("auth"))
        cut(postgres, url)
        assert names(dictionary) == ["auth"]


def test_what_is_written_when_the_connection_breaks_is_written_again_and_once(
    postgres: Server,
) -> None:
    shipped = release("auth 1.1", "gis-201610")
    tries: list[int] = []

    def also(_: Connection) -> None:
        tries.append(1)
        if len(tries) == 1:
            cut(postgres, url)

    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        dictionary.record_deployment(shipped, deployed(shipped), production=True, also=also)
        assert len(tries) == 2
        assert len(dictionary.history("auth")) == 1
        assert len(dictionary.dependents("gis")) == 1


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_what_others_got_in_the_way_of_is_tried_again(postgres: Server, code: str) -> None:
    tries: list[int] = []

    def write(connection: Connection) -> None:
        connection.execute(text("INSERT INTO service (name) VALUES ('auth')"))
        tries.append(1)
        if len(tries) < 3:
            raising = f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$"
            connection.execute(text(raising))

    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        dictionary.write(write)
        assert len(tries) == 3
        assert names(dictionary) == ["auth"]


def test_what_is_wrong_is_not_tried_again(postgres: Server) -> None:
    tries: list[int] = []

    def write(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("INSERT INTO service (name) VALUES (NULL)"))

    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        with pytest.raises(DictionaryError, match=r"null value in column"):
            dictionary.write(write)
        assert len(tries) == 1


def test_a_question_in_the_middle_of_which_the_connection_breaks_is_an_error(
    postgres: Server,
) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        said = r"does not answer: the server has ended the connection"
        with pytest.raises(DictionaryError, match=said), dictionary.reading() as connection:
            ask_across(postgres, connection, url)
        assert names(dictionary) == []


def ask_across(postgres: Server, connection: Connection, url: str) -> None:
    connection.execute(text("SELECT 1"))
    cut(postgres, url)
    connection.execute(text("SELECT 1"))


@pytest.fixture
def own_server(postgres: Server) -> Iterator[tuple[Server, str]]:
    """A server that a test may crash, with a dictionary in it."""
    del postgres  # skips where there is none
    with server() as started:
        yield started, started.new()


@contextmanager
def started_again(by: Server, seconds: float) -> Iterator[None]:
    """Start a server after a while, as a supervisor would."""
    timer = threading.Timer(seconds, by.start)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_a_server_that_is_started_again_in_time_is_waited_for(
    own_server: tuple[Server, str],
) -> None:
    started, url = own_server
    with dictionary_at(url) as dictionary:
        dictionary.record_service(Service("auth"))
        started.stop("immediate")
        with started_again(started, 0.5):
            dictionary.record_service(Service("gis"))
        assert names(dictionary) == ["auth", "gis"]


@pytest.mark.slow
def test_a_server_that_stays_away_is_an_error_after_a_while(
    own_server: tuple[Server, str],
) -> None:
    started, url = own_server
    with dictionary_at(url) as dictionary:
        started.stop("immediate")
        with pytest.raises(DictionaryError, match=r"does not answer: the server refuses conn"):
            dictionary.record_service(Service("gis"))


# Rehearsals.


def test_what_a_rehearsal_writes_never_reaches_the_server(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        ship(dictionary, "auth 1.1", "gis-201610")
        with Dictionary.open(open_copy(url)) as copy:
            assert copy.live() == dictionary.live()
            assert copy.releases("auth") == dictionary.releases("auth")
            ship(copy, "auth 1.2", hours=1)
            assert len(copy.history("auth")) == 2
        assert len(dictionary.history("auth")) == 1


def test_nobody_waits_for_a_rehearsal(postgres: Server) -> None:
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        ship(dictionary, "auth 1.1")
        with Dictionary.open(open_copy(url)) as copy, copy.writing():
            ship(copy, "auth 1.2", hours=1)
            ship(dictionary, "auth 1.2", hours=1)
        assert [str(one.version) for one in dictionary.live()] == ["1.2"]


def test_a_rehearsal_goes_on_when_the_server_is_gone(own_server: tuple[Server, str]) -> None:
    started, url = own_server
    with dictionary_at(url) as dictionary:
        ship(dictionary, "auth 1.1")
    with Dictionary.open(open_copy(url)) as copy:
        started.stop("immediate")
        assert names(copy) == ["auth"]


def test_a_rehearsal_of_an_empty_database_makes_nothing_there(postgres_url: str) -> None:
    with Dictionary.open(open_copy(postgres_url)) as copy:
        ship(copy, "auth 1.1")
    engine = open_database(postgres_url)
    with engine.connect() as connection:
        tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert connection.scalar(tables) == 0
    engine.dispose()


def test_a_copy_has_its_times_and_days_as_they_were(postgres: Server) -> None:
    at = datetime(2017, 10, 1, 23, 59, 59, 123456, tzinfo=timezone.utc)
    with postgres.database("template1") as url, dictionary_at(url) as dictionary:
        shipped = release("auth 1.1")
        running = deployed(shipped, hours=(at - NOON).total_seconds() / 3600)
        dictionary.record_deployment(shipped, running, production=True)
        with Dictionary.open(open_copy(url)) as copy:
            assert copy.live() == dictionary.live() == (running,)


# In the middle of a command.


@contextmanager
def in_between(postgres: Server, url: str, cut_at: bytes) -> Iterator[str]:
    """The address of a way to the server that ends for good as soon as somebody says *cut_at*."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        carrying = threading.Thread(target=carry, args=(listening, postgres.port, cut_at))
        carrying.start()
        port = listening.getsockname()[1]
        try:
            yield url.replace(f":{postgres.port}/", f":{port}/") + "?sslmode=disable"
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            carrying.join(30)


def carry(listening: socket.socket, port: int, cut_at: bytes) -> None:
    with suppress(OSError):
        while True:
            client = listening.accept()[0]
            with client, socket.create_connection(("127.0.0.1", port)) as behind:
                if is_cut(client, behind, cut_at):
                    # Nobody is let in from now on.
                    listening.close()
                    return


def is_cut(client: socket.socket, behind: socket.socket, cut_at: bytes) -> bool:
    while True:
        for one in select.select([client, behind], [], [], 30)[0]:
            said = one.recv(65536)
            if one is client and cut_at in said:
                return True
            if not said:
                return False
            (behind if one is client else client).sendall(said)


@pytest.mark.parametrize(
    "words",
    [
        "show",
        "show auth",
        "live production",
        "dependents auth 1",
        "dependencies auth",
        "history auth",
        "impact auth",
        "owners",
        "unowned",
        "drift production",
        "graph",
        "export",
        "may-deploy auth 1.2 production",
    ],
)
def test_a_server_that_goes_in_the_middle_of_a_question_is_one_line_and_status_3(
    postgres: Server, dictionary_url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not at those that look at the schema: they are in one line.
    with in_between(postgres, dictionary_url, b"\nFROM ") as url:
        check_lost(typed(capsys, "dictionary", *words.split(), "--dictionary", url))


@pytest.mark.slow
def test_a_server_that_goes_while_something_is_recorded_is_one_line_and_status_3(
    postgres: Server, dictionary_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["record", "gis", "201610", "production", "--depends-on", "auth-1.1"]
    with in_between(postgres, dictionary_url, b"INSERT INTO") as url:
        check_lost(typed(capsys, "dictionary", *words, "--dictionary", url))
    with dictionary_at(dictionary_url) as dictionary:
        assert names(dictionary) == ["auth"]


WORLD: dict[str, object] = {
    "services": {"auth": {}, "gis": {}},
    "environments": {"production": {"production": True}},
    "releases": [
        {"service": "auth", "version": "1.1", "commit": "a1"},
        {"service": "gis", "version": "201610", "commit": "b1", "depends_on": ["auth-1.1"]},
    ],
    "deployments": [
        {"service": "auth", "version": "1.1", "environment": "production"},
        {"service": "gis", "version": "201610", "environment": "production"},
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("known", "words", "cut_at"),
    [
        pytest.param({}, "import owners.yaml", b"INSERT INTO contact", id="import"),
        pytest.param({}, "load world.yaml", b"INSERT INTO live_requirement", id="load"),
        pytest.param({}, "load export.jsonl", b"INSERT INTO live_requirement", id="load an export"),
        pytest.param(
            WORLD, "verify gis@201610 auth@1.1 passed", b"INSERT INTO verification", id="verify"
        ),
    ],
)
def test_a_server_that_goes_while_much_is_written_keeps_nothing_of_it_and_all_of_it_later(
    postgres: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    known: dict[str, object],
    words: str,
    cut_at: bytes,
) -> None:
    write_files(postgres, tmp_path)
    monkeypatch.chdir(tmp_path)
    command = ("dictionary", *words.split(), "--dictionary")
    with postgres.database("template1") as url:
        with dictionary_at(url) as dictionary:
            load_world(dictionary, known, "known.yaml")
        before = kept(url)
        with in_between(postgres, url, cut_at) as to_be_cut:
            check_lost(typed(capsys, *command, to_be_cut))
        assert kept(url) == before
        again = typed(capsys, *command, url)
        assert again.status == 0, again
        assert len(kept(url)) > len(before)


def write_files(postgres: Server, folder: Path) -> None:
    """Write an owner, a world and an export, each with more than one row to be kept."""
    (folder / "world.yaml").write_text(json.dumps(WORLD))
    (folder / "owners.yaml").write_text("teams: {auth-team: {slack: '#auth-team'}}")
    with postgres.database("template1") as url:
        with dictionary_at(url) as dictionary:
            load_world(dictionary, WORLD, "world.yaml")
        (folder / "export.jsonl").write_text("".join(f"{line}\n" for line in kept(url)))


def kept(url: str) -> list[str]:
    """Return all that a dictionary holds."""
    with dictionary_at(url) as dictionary, dictionary.reading() as connection:
        return list(export(connection))


def check_lost(answer: Ended) -> None:
    said = answer.err.splitlines()
    assert answer.status == 3, answer
    assert "Traceback" not in answer.err
    assert sum("does not answer" in line for line in said) == 1, answer.err
    for secret in (PASSWORD, quote(PASSWORD, safe="")):
        assert secret not in answer.out + answer.err


@pytest.fixture
def dictionary_url(postgres: Server) -> Iterator[str]:
    """The address of a dictionary in which auth 1.1 runs."""
    with postgres.database("template1") as url:
        with dictionary_at(url) as dictionary:
            ship(dictionary, "auth 1.1")
        yield url
