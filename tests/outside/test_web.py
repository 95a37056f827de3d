"""HTTP: an answer in time and of a sane size, or a few words about why there is none."""

from __future__ import annotations

import gzip
import socket
import time

import pytest

from ci_steps.errors import OutsideError
from ci_steps.outside import Outside
from ci_steps.outside.web import Answer
from tests.parts.http import Script, drips, hangs_up, says, says_nothing, serving


def ask(script: Script, **more: float) -> Answer:
    with serving(script) as server:
        return Outside({}).get(server.address, **more)  # type: ignore[arg-type]


def reason(script: Script, **more: float) -> str:
    with pytest.raises(OutsideError) as caught:
        ask(script, **more)
    return str(caught.value)


def test_an_answer_has_status_text_and_headers() -> None:
    answer = ask(says("größe", status=404, content_type="text/plain; charset=utf-8"))
    assert (answer.status, answer.text, answer.ok) == (404, "größe", False)
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_an_answer_of_20_mb_is_not_read_to_its_end() -> None:
    assert reason(says(b"x" * 20_000_000)) == "the answer is longer than 1,000,000 bytes"


def test_a_small_answer_that_unpacks_to_a_large_one_is_refused() -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    assert len(bomb) < 100_000
    assert reason(says(bomb, content_encoding="gzip")).startswith("the answer is longer than")


@pytest.mark.parametrize(
    "script", [says_nothing, drips(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")]
)
def test_an_answer_that_never_ends_is_late(script: Script) -> None:
    began = time.monotonic()
    assert reason(script, timeout_seconds=0.3) == "no answer within 0.3 s"
    assert time.monotonic() - began < 3


def test_a_connection_that_is_reset_is_said() -> None:
    assert reason(hangs_up) == "the connection was reset"


def test_where_nobody_listens_it_is_refused() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(OutsideError, match=r"^connection refused$"):
            Outside({}).get(address)


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1/", "http://", "http://[::1"])
def test_an_address_that_is_none_is_one_line(url: str) -> None:
    with pytest.raises(OutsideError) as caught:
        Outside({}).get(url)
    assert len(str(caught.value).splitlines()) == 1


def test_an_unknown_charset_is_said() -> None:
    assert "klingon" in reason(says("x", content_type="text/plain; charset=klingon"))


def test_answers_come_in_the_order_of_the_questions_all_asked_at_once() -> None:
    began = time.monotonic()

    def slowly(number: int) -> int:
        time.sleep(0.2)
        return number * 2

    assert Outside({}).parallel(slowly, range(10)) == [number * 2 for number in range(10)]
    assert time.monotonic() - began < 1.5
