"""What a dictionary is asked while a test does something."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.store import Dictionary


@contextmanager
def statements(dictionary: Dictionary) -> Iterator[list[str]]:
    """Note every statement; of one that writes not how many rows it writes at once."""
    found: list[str] = []

    def note(*about: Any) -> None:
        found.append(about[2].partition(" VALUES ")[0])

    event.listen(dictionary.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(dictionary.engine, "before_cursor_execute", note)
