"""A line on its way out, and real servers that callers meet it through."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from email.message import Message
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from ci_steps.endings import Ending, Window, headers_of
from ci_steps.model import Line
from ci_steps.protocols import Leaving

ANNOUNCED = datetime(2026, 11, 23, tzinfo=timezone.utc)
END = datetime(2026, 12, 23, tzinfo=timezone.utc)
LINK, SUCCESSOR = "https://auth.shop.example/end?a=$b", "http://auth.shop.example/v2"
HEADERS = headers_of(Ending(ANNOUNCED, END, LINK), SUCCESSOR)

Headers = Mapping[str, str]

_DEADLINE_SECONDS = 20


def leaving(step: str, *windows: Window, slots: tuple[str, ...] = ("1",)) -> Leaving:
    links = {"successor": SUCCESSOR}
    return Leaving(Line("auth", "1", "staging"), step, slots, HEADERS, windows, links)


def now_or_later(status: int = 503, *, later: bool = False) -> Window:
    """Return a refusal that holds now, or in an hour."""
    begin = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1 if later else 0)
    return Window(begin - timedelta(minutes=1), begin + timedelta(minutes=9), status)


def windows_of(names: tuple[str, ...]) -> tuple[Window, ...]:
    """Return windows by name, as they are when a test runs: ``later``, or ``now`` with 410."""
    return tuple(now_or_later(410) if name == "now" else now_or_later(later=True) for name in names)


def called(address: str, agent: str = "", method: str = "GET") -> tuple[int, Headers, bytes]:
    """Return the status, headers and body of an answer.

    Poll, for a server tells nobody that it is ready.
    """
    end = time.monotonic() + _DEADLINE_SECONDS
    asked = Request(address, headers={"User-Agent": agent} if agent else {}, method=method)
    while True:
        try:
            with urlopen(asked, timeout=5) as answer:
                return answer.status, _titled(answer.headers), answer.read()
        except HTTPError as refused:
            with refused:
                return refused.code, _titled(refused.headers), refused.read()
        except (URLError, ConnectionError):
            if time.monotonic() > end:
                raise
        time.sleep(0.02)


def _titled(headers: Message) -> Headers:
    """Return headers by names as people write them: some servers send small letters."""
    return {name.title(): value for name, value in headers.items()}


@contextmanager
def started(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(command) as run:
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                run.terminate()
