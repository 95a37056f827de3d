"""What is read of a large document, or of a whole company, is much and has no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Leave the cycle collector off, which would look through all values again and again.

    It takes as long as everything else together.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # All that was made since counts as young, and would be looked through at once: it is
            # made old, together with what is.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
