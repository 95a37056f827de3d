"""A deadline for a whole question, where a library only has one for each piece of the answer."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_GRACE_SECONDS = 0.05


class LateError(Exception):
    """The answer did not come in time."""


def in_time(ask: Callable[[], _T], seconds: float) -> _T:
    """Ask in a thread of its own, which is left behind when it is late.

    The time limit of a connection is for each piece that arrives: neither the look-up of a
    name nor an answer that comes one byte at a time would ever be late.
    """
    ended: queue.SimpleQueue[tuple[_T] | Exception] = queue.SimpleQueue()

    def keep() -> None:
        try:
            ended.put((ask(),))
        except Exception as error:
            ended.put(error)  # raised again where somebody waits for it

    threading.Thread(target=keep, daemon=True).start()
    try:
        outcome = ended.get(timeout=seconds + _GRACE_SECONDS)
    except queue.Empty:
        raise LateError from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome[0]
