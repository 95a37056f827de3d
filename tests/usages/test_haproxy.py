"""What a real HAProxy says about the last session of a server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ci_steps.outside import Outside
from ci_steps.usage import Usage, UsageQuestion
from ci_steps.usages import haproxy
from tests.parts.haproxy import haproxy as running_haproxy

INFO = "Name: HAProxy\nUptime_sec: 4000000\n"
STAT = "# pxname,svname,stot,lastsess,\nauth,v1,18,1036800,\nauth,v2,9,2,\nauth,v3,0,-1,\n"
DAY = timedelta(days=1)


def seen(path: Path, line: str = "1", **options: Any) -> Usage:
    now = Outside().now()
    question = UsageQuestion("auth", line, "production", now - 45 * DAY, now)
    return haproxy.observe(question, haproxy.Options(str(path), **options), Outside())


@contextmanager
def answering(folder: Path, info: str = INFO, stat: str = STAT) -> Iterator[Path]:
    """Answer like HAProxy's runtime socket, one question a connection."""
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            with suppress(OSError):  # whoever has heard enough asks no second time
                for answer in (info, stat):
                    connection, _ = listening.accept()
                    with connection:
                        connection.recv(100)
                        connection.sendall(answer.encode())

        serving = threading.Thread(target=serve)
        serving.start()
        yield path
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()


def test_health_checks_are_no_calls_and_a_session_is_one() -> None:
    with running_haproxy() as running:
        before = seen(running.socket)
        assert (before.problem, before.last_call) == ("", None)
        running.call()
        called = seen(running.socket)
        assert called.last_call is not None
        assert called.observed_since is not None
        assert called.observed_since <= called.last_call
        assert Outside().now() - called.last_call < timedelta(minutes=1)
        assert seen(running.socket, "2").last_call is None
        assert "no server auth/v3, did you mean auth/v" in seen(running.socket, "3").problem


def test_the_last_session_and_the_start_are_times(tmp_path: Path) -> None:
    with answering(tmp_path) as path:
        found = seen(path)
    now = datetime.now(timezone.utc)
    assert found.last_call is not None
    assert abs(now - 12 * DAY - found.last_call) < timedelta(minutes=1)
    assert found.observed_since is not None
    assert abs(now - timedelta(seconds=4_000_000) - found.observed_since) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("info", "stat", "problem"),
    [
        pytest.param("Permission denied\n", STAT, "not that of an HAProxy", id="no rights"),
        pytest.param(INFO, "Unknown command\n", "no server auth/v1", id="no statistics"),
        pytest.param(
            INFO, "# pxname,svname\nauth,v1\n", "when the last session was", id="no last session"
        ),
    ],
)
def test_an_answer_that_is_not_understood_is_a_problem(
    tmp_path: Path, info: str, stat: str, problem: str
) -> None:
    with answering(tmp_path, info, stat) as path:
        assert problem in seen(path).problem


def test_a_socket_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert "no such file" in seen(tmp_path / "s").problem
