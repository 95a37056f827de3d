"""Where a plug shows what is going on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Where a plug shows what is going on; only the console writes."""

    def line(self, text: str) -> None:
        """Show one line that a command printed."""

    def note(self, text: str) -> None:
        """Show one line of our own about long work."""
