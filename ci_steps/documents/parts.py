"""What two documents have in common is read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ci_steps.documents.node import Path


class DocumentError(ValueError):
    """A text is no document; `line` says where."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Parts:
    """Texts that were read, and their values.

    A part of JSON ends where it ends, so that its place is enough to find it again; a part of
    YAML is found by its text.
    """

    by_place: dict[Path, tuple[str, Any]] = field(default_factory=dict)
    by_text: dict[str, Any] = field(default_factory=dict)
