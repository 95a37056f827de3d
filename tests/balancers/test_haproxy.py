"""What a real HAProxy is told, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ci_steps.balancers import haproxy
from ci_steps.errors import CiStepsError, OutsideError, RefusedError
from ci_steps.outside import Outside
from ci_steps.protocols import Lines
from tests.parts.haproxy import Haproxy
from tests.parts.haproxy import haproxy as running_haproxy

LINES = Lines("auth", "production", {"1": "http://127.0.0.1:1", "2": "http://127.0.0.1:2"})


@pytest.fixture(scope="module")
def running() -> Iterator[Haproxy]:
    with running_haproxy() as found:
        yield found


def test_what_was_told_is_what_is_answered(running: Haproxy) -> None:
    options = haproxy.Options(str(running.socket))
    haproxy.shift(LINES, {"1": 30, "2": 70}, options, Outside())
    assert haproxy.shares(LINES, options, Outside()) == {"1": 30, "2": 70}


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"1": 50, "9": 50}, "No such server."),
        ({"1": 300, "2": 0}, "Absolute weight can only be between 0 and 256 inclusive"),
    ],
)
def test_any_text_is_an_error_and_is_quoted(
    running: Haproxy, wanted: dict[str, int], text: str
) -> None:
    with pytest.raises(RefusedError, match=text):
        haproxy.shift(LINES, wanted, haproxy.Options(str(running.socket)), Outside())


def test_a_server_that_it_does_not_have_has_no_weight(running: Haproxy) -> None:
    options = haproxy.Options(str(running.socket), server="line-{line}")
    with pytest.raises(OutsideError, match="the weight of auth/line-1: No such server"):
        haproxy.shares(LINES, options, Outside())


def test_a_socket_that_is_not_there_is_named() -> None:
    with pytest.raises(CiStepsError, match=r"/nowhere/admin\.sock: no such file"):
        haproxy.shift(LINES, {"1": 100}, haproxy.Options("/nowhere/admin.sock"), Outside())
