"""The word that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 12


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is near, or nothing."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=0.6)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``, did you mean …?`` when a known word is near, else all words if they are few."""
    words = sorted(known)
    if near := nearest(word, words):
        return f", did you mean {near}?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _MOST_LISTED else ""
