"""Looking at a cluster again and again, as its controllers do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def watching(look: Callable[[], object], every_seconds: float) -> Iterator[None]:
    """Look until the block ends; a server that does not answer is looked at again."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every_seconds):
            with suppress(OSError):
                look()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
