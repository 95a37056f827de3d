"""In which slot a version is deployed, and so what it replaces there."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.dictionary.statements.plain import Moment
    from ci_steps.versions import Version


class Occupied(NamedTuple):
    """A slot, and the version that has run in it since a time."""

    slot: str
    version: Version
    at: Moment


def slot_for(version: Version, live: Sequence[Occupied], *, beside: bool = False) -> str:
    """Return the slot of *version*; what runs there is replaced, all others stay.

    It is the slot of its own line when that is live. Otherwise it is a new one *beside* what
    runs, or that of the newest line.
    """
    own = next((one for one in live if one.version.line == version.line), None)
    if own:
        return own.slot
    if beside or not live:
        return _free_slot(version.line, {one.slot for one in live})
    return max(live, key=lambda one: (one.version.scheme == version.scheme, one.at)).slot


def _free_slot(line: str, taken: set[str]) -> str:
    """Return a slot named after *line*; a line that replaced another one sits in its slot."""
    if line not in taken:
        return line
    return next(name for number in count(2) if (name := f"{line}-{number}") not in taken)
