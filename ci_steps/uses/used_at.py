"""Where a dependent says that it uses what a change is about, for people."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.comparisons.changes import Change
    from ci_steps.uses.values import Call, Uses

_VARIABLE = re.compile(r"\{[^{}/]*\}")
_WORD = re.compile(r"\w+")


def used_at(change: Change, uses: Uses) -> str:
    """Return the first place of *uses* that a change is about; nothing where none says so.

    A call is said in a line of ci-steps.yaml or in a pact, a name stands in a line of a document.
    """
    return next(_places(change, uses), "")


def _places(change: Change, uses: Uses) -> Iterator[str]:
    yield from filter(None, [_said(uses.calls, change.reaches)])
    names = _WORD.findall(change.subject)
    for file, text in {**uses.documents, **uses.interfaces}.items():
        found = re.search(rf"\b{names[-1]}\b", text) if names else None
        if found is not None:
            yield f"{file}:{text.count(chr(10), 0, found.start()) + 1}"


@lru_cache(maxsize=256)
def _said(calls: tuple[Call, ...], operations: tuple[str, ...]) -> str:
    """Return where the first call of one of *operations* is said; many changes have the same."""
    patterns = [_pattern(one) for one in operations] if calls else []
    found = (
        call.said
        for call in calls
        if call.said and any(one.fullmatch(str(call)) for one in patterns)
    )
    return next(found, "")


def _pattern(operation: str) -> re.Pattern[str]:
    """Return what a call of an operation matches, with names or with values in its path."""
    return re.compile("[^/]+".join(re.escape(part) for part in _VARIABLE.split(operation)))
