"""Callers notice nothing of a replacement but the new version."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby

import pytest

from ci_steps.errors import RefusedError
from tests.targets.worlds import World, ask, await_


def _connection(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)


def _asked(connection: http.client.HTTPConnection, path: str = "/version") -> str:
    connection.request("GET", path)
    return str(json.loads(connection.getresponse().read())["version"])


@contextmanager
def caller(call: Callable[[], str]) -> Iterator[list[str]]:
    """Call again and again while the block runs; yield every answer, failures included."""
    answers: list[str] = []
    over = threading.Event()

    def answer() -> str:
        try:
            return call()
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"failed: {error!r}"

    def repeat() -> None:
        while not over.is_set():
            answers.append(answer())

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        await_(lambda: answers)
        yield answers
        seen = len(answers)
        await_(lambda: len(answers) > seen + 2)
    finally:
        over.set()
        thread.join()


def once_each(answers: list[str]) -> list[str]:
    return [version for version, _ in groupby(answers)]


def test_new_connections_never_fail_and_see_each_version_in_its_turn(world: World) -> None:
    placement = world.deploy("1.0")
    with caller(lambda: ask(placement)) as answers:
        for version in ("1.1", "1.2", "1.3"):
            seen = len(answers)
            world.deploy(version)
            await_(lambda seen=seen: len(answers) > seen + 3)  # type: ignore[misc]
    assert once_each(answers) == ["1.0", "1.1", "1.2", "1.3"]


def test_one_kept_connection_never_fails_and_moves_to_each_version(world: World) -> None:
    connection = _connection(world.deploy("1.0").address)
    with caller(lambda: _asked(connection)) as answers:
        for version in ("1.1", "1.2"):
            world.deploy(version)
    assert connection.sock is not None, "the connection was not the same one"
    connection.close()
    assert once_each(answers) == ["1.0", "1.1", "1.2"]


def test_many_callers_at_once_never_fail(world: World) -> None:
    placement = world.deploy("1.0")
    with (
        caller(lambda: ask(placement)) as one,
        caller(lambda: ask(placement)) as two,
        caller(lambda: ask(placement)) as three,
    ):
        world.deploy("1.1")
    assert [once_each(answers) for answers in (one, two, three)] == [["1.0", "1.1"]] * 3


def test_callers_of_what_runs_notice_nothing_of_a_refused_deployment(world: World) -> None:
    placement = world.deploy("1.0")
    with caller(lambda: ask(placement)) as answers, pytest.raises(RefusedError):
        world.deploy("1.1", says="1.0.5")
    assert once_each(answers) == ["1.0"]


def test_callers_of_what_fails_only_when_it_serves_are_back_at_what_ran_before(
    world: World,
) -> None:
    placement = world.deploy("1.0")
    with caller(lambda: ask(placement)) as answers, pytest.raises(RefusedError):
        world.deploy("1.1", variables={"BEHAVIOUR": "fickle"})
    assert not [answer for answer in answers if answer.startswith("failed")]
    assert (once_each(answers)[0], once_each(answers)[-1]) == ("1.0", "1.0")


def test_an_answer_under_way_is_finished_by_the_process_that_was_asked(world: World) -> None:
    connection = _connection(world.deploy("1.0").address)
    connection.request("GET", "/slow")
    world.deploy("1.1", drain_seconds=5.0)
    assert connection.getresponse().read() == b"1.0"
    connection.close()


@pytest.mark.slow
def test_what_runs_too_long_is_ended_when_the_time_to_drain_is_over(world: World) -> None:
    with socket.create_connection(_host(world.deploy("1.0").address)) as silent:
        world.deploy("1.1")
        await_(lambda: len(world.services()) == 1)
        silent.settimeout(5)
        assert silent.recv(1) == b""


def test_a_body_that_looks_like_a_request_stays_with_its_request(world: World) -> None:
    connection = _connection(world.deploy("1.0").address)
    _asked(connection)
    connection.putrequest("POST", "/")
    body = b"GET /version HTTP/1.1\r\n\r\n"
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    world.deploy("1.1", drain_seconds=5.0)
    connection.send(body)
    assert connection.getresponse().read() == body
    connection.close()


def test_who_asks_before_the_last_answer_has_come_gets_every_answer(world: World) -> None:
    request = b"GET %s HTTP/1.1\r\nHost: auth\r\n\r\n"
    with socket.create_connection(_host(world.deploy("1.0", drain_seconds=5.0).address)) as raw:
        raw.settimeout(10)
        raw.sendall(request % b"/slow")
        world.deploy("1.1", drain_seconds=5.0)
        raw.sendall(request % b"/slow")
        answers = b""
        # The first one may have come before 1.1 was there, where the machine is busy.
        while answers.count(b"\r\n\r\n1.") < 2:
            received = raw.recv(4096)
            assert received, answers
            answers += received


def test_both_directions_carry_more_than_a_buffer(world: World) -> None:
    connection = _connection(world.deploy("1.0").address)
    body = bytes(range(256)) * 40_000
    connection.request("POST", "/", body)
    assert connection.getresponse().read() == body
    connection.close()


def _host(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("http://").partition(":")
    return host, int(port)
