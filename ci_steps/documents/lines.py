"""Offsets of a text -> lines and columns."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate

_BLOCK = 4_096


class Lines:
    """Where the lines of a text are; it is counted in blocks, and when somebody asks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of *offset*, counted from 1."""
        block = offset // _BLOCK
        line = self._before[block] + self._text.count("\n", block * _BLOCK, offset) + 1
        return line, offset - self._text.rfind("\n", 0, offset)

    @cached_property
    def _before(self) -> list[int]:
        starts = range(0, len(self._text) + 1, _BLOCK)
        counts = (self._text.count("\n", start, start + _BLOCK) for start in starts)
        return list(accumulate(counts, initial=0))
