"""What two documents have in common is read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ci_steps.documents.node import Path


class DocumentError(ValueError):
    """A text is no document; `line` says where."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Part(NamedTuple):
    """A part of a text of JSON, and its value; of the text there is no second copy."""

    text: str
    start: int
    end: int
    value: Any

    def is_at(self, text: str, start: int) -> bool:
        """Return whether *text* has the same part at *start*."""
        return text[start : start + self.end - self.start] == self.text[self.start : self.end]


@dataclass(frozen=True)
class Parts:
    """Texts that were read, and their values.

    A part of JSON ends where it ends, so that its place is enough to find it again; a part of
    YAML is found by its text.
    """

    by_place: dict[Path, Part] = field(default_factory=dict)
    by_text: dict[str, Any] = field(default_factory=dict)
