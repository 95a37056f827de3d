"""Uses of what has a name in a contract: ``Token``, ``Token.expires``, ``Query.token(id:)``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ci_steps.uses.values import Call, Uses


def doubts_about(names: Collection[str], known: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each name that the contract does not have."""
    for name in names:
        if name not in known:
            near = [one for one in known if one.lower() == name.lower()]
            meant = f", did you mean {near[0]}?" if near else _meant(name, known)
            yield f"{name} is not in the contract{meant}"


def doubts_about_calls(calls: Collection[Call], what: str) -> Iterator[str]:
    """Yield a sentence for each operation of HTTP, which *what* has not."""
    for call in calls:
        yield f"{call} is an operation of HTTP, and {what} has none"


def doubts_about_files(uses: Uses, what: str) -> Iterator[str]:
    """Yield a sentence for each file that says what is used of other formats than *what*."""
    for file in (*uses.documents, *uses.interfaces):
        yield f"{file} is of another format, and the contract is {what}"


def lies_in(part: str, whole: str) -> bool:
    """Return whether *part* is *whole* or in it: ``Token.expires`` lies in ``Token``."""
    return part == whole or part.startswith((f"{whole}.", f"{whole}("))


def reached(
    names: Collection[str], known: Collection[str], types: Mapping[str, Collection[str]]
) -> set[str]:
    """Return what lies in *names*, and in the types that those are of.

    Who names members of a type reads these alone; a type of which no member is named may be
    read as a whole.
    """
    members: dict[str, list[str]] = {}
    for one in known:
        members.setdefault(_owner(one), []).append(one)
    detailed = {_owner(name) for name in names}
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += members.get(name, ())
        waiting += (one for one in types.get(name, ()) if one not in detailed)
    return found


def _owner(name: str) -> str:
    return re.split(r"[.(](?=[^.(]*$)", name, maxsplit=1)[0] if re.search(r"[.(]", name) else ""


def _meant(name: str, known: Collection[str]) -> str:
    said = did_you_mean(name, known)
    return said if said.startswith(", did") else ""
