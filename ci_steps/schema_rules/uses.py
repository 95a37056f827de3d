"""Which changes of JSON Schemas touch somebody who says which of the files are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.uses.by_name import doubts_about, doubts_about_calls, doubts_about_files
from ci_steps.uses.narrowed import Narrowed, narrowed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ci_steps.comparisons.changes import Change
    from ci_steps.uses.values import Uses


def narrow(changes: Sequence[Change], uses: Uses, files: Collection[str]) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of the schemas in *files*; in doubt all."""
    doubts = [*doubts_about_calls(uses.calls, "JSON Schema"), *doubts_about(uses.names, files)]
    doubts += doubts_about_files(uses, "JSON Schema")
    used = set(uses.names)

    def touches(change: Change) -> bool:
        about = set(change.reaches) or {change.subject}
        # Of a schema that is new nobody can use anything.
        is_elsewhere = about.isdisjoint(used) and about <= {*files, change.subject}
        return bool(doubts) or not is_elsewhere

    return narrowed(changes, touches, doubts)
