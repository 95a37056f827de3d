"""How a transaction begins, and what is tried again when the database was lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from ci_steps.outside.databases.errors import LostDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

_T = TypeVar("_T")

# An execution option: a transaction that has it takes the write lock when it begins.
WRITING = "ci_steps_writing"

# An execution option: nothing can be written through this one.
READ_ONLY = "ci_steps_read_only"

_PAUSE_SECONDS = 0.1
_GIVE_UP_SECONDS = 10.0


def writer(engine: Engine) -> Engine:
    """Return *engine* for transactions that write, one at a time."""
    return engine.execution_options(**{WRITING: True})


def with_retries(attempt: Callable[[], _T]) -> _T:
    """Return what *attempt* returns; while the database is lost, try again for ten seconds."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    pause = _PAUSE_SECONDS
    while True:
        try:
            return attempt()
        except LostDatabaseError:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause *= 2
