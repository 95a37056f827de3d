"""Two lines of auth behind one address, and callers who notice everything."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_DEADLINE_SECONDS = 20


def answered(address: str, path: str = "/version") -> str:
    """Return what is answered to one call, on a connection of its own."""
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def await_answer(address: str) -> None:
    """Poll: a balancer tells nobody that it is ready."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < end:
        with suppress(OSError):
            answered(address)
            return
        time.sleep(0.02)
    raise AssertionError(f"{address} never answered")


def await_share(address: str, of: str, percent: int) -> None:
    """Return when *percent* of twenty calls, one after the other, are answered by *of*."""
    end = time.monotonic() + _DEADLINE_SECONDS
    seen: list[str] = []
    while time.monotonic() < end:
        seen = [answered(address) for _ in range(20)]
        if seen.count(of) * 5 == percent:
            return
    raise AssertionError(f"{percent} % never came from {of}: {seen}")


@contextmanager
def calling(
    address: str, path: str = "/version", *, every_seconds: float = 0.01
) -> Iterator[list[str]]:
    """Call again and again while the block runs; yield what went wrong.

    Without a pause between its calls it would have the machine for itself.
    """
    lost: list[str] = []
    over = threading.Event()

    def call() -> None:
        try:
            answered(address, path)
        except (OSError, ValueError) as error:
            lost.append(repr(error))

    def repeat() -> None:
        while not over.wait(every_seconds):
            call()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield lost
    finally:
        over.set()
        thread.join()
