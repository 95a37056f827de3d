"""What the files of a service leave open for ci-steps to say."""

from __future__ import annotations

from collections.abc import Mapping


def fill(text: str, filled: Mapping[str, str]) -> str:
    """Return *text* with each ${NAME} that is known filled in."""
    for name, value in filled.items():
        text = text.replace(f"${{{name}}}", value)
    return text
