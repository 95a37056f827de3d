"""What a program printed last, as it may be shown in an error."""

from __future__ import annotations

from collections.abc import Sequence

_LINES = 10
_CHARACTERS = 300


def last_words(lines: Sequence[str]) -> str:
    """Return a heading and the last lines, each on a line of its own."""
    if not lines:
        return "It printed nothing."
    return "\n".join(["It printed last:", *map(_shown, lines[-_LINES:])])


def _shown(line: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in line)
    # A mark before it: a CI system obeys lines that begin like its commands.
    return f"| {printable[:_CHARACTERS]}"
