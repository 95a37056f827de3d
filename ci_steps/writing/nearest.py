"""The word that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 12


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``, did you mean …?`` when a known word is near, else all words if they are few."""
    from difflib import get_close_matches

    words = sorted(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f", did you mean {near[0]}?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _MOST_LISTED else ""
