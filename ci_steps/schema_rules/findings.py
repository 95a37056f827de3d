"""What was found: each change once, with all that reach it."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ci_steps.comparisons.changes import Change, Level
from ci_steps.documents.node import Node, Path
from ci_steps.schema_rules.reach import Reach
from ci_steps.schema_rules.rules import RULES, Rule
from ci_steps.schema_rules.spots import Spot

_LONGEST = 60
_MOST_REACHED = 3
_Place = tuple[str, Path]
Key = tuple[str, _Place, _Place, str]


@dataclass
class Finding:
    """A change before it is told: its places are nodes, and who reaches it may grow."""

    id: str
    level: Level
    subject: str
    text: str
    old: Node
    new: Node
    owners: set[Hashable] = field(default_factory=set)


class Findings:
    """Collects changes; one that is found again, for another owner, is the same."""

    def __init__(self, rules: Mapping[str, Rule] = RULES) -> None:
        self._rules = rules
        self._found: dict[Key, Finding] = {}

    def add(
        self,
        name: str,
        spot: Spot,
        old: Node | None = None,
        new: Node | None = None,
        *,
        level: Level | None = None,
        said: tuple[Any, Any] | None = None,
    ) -> None:
        """Add a change by the rule *name*, which is in the table with the direction before it.

        *old* and *new* are its places, where it has others than the spot; *said* is what its
        text shows of both sides, where that is not what stands there.
        """
        rule = self._rule(name, spot)
        level = rule.level if level is None else level
        if level not in rule.levels:
            raise ValueError(f"{rule.name} is never {level.word}")
        shown = said or (old and old.value, new and new.value)
        text = rule.text.format(it=spot.it, old=written(shown[0]), new=written(shown[1]))
        old, new = old or spot.old, new or spot.new
        key = rule.name, old.place, new.place, text if said else ""
        if key not in self._found:
            called = rule.name.replace("*", spot.kind.value)
            text = f"{spot.called}: {text}"
            self._found[key] = Finding(called, level, spot.subject, text, old, new)
        self._found[key].owners.add(spot.owner)

    def _rule(self, name: str, spot: Spot) -> Rule:
        return self._rules.get(name) or self._rules[f"{spot.direction.value}-*-{name}"]

    @property
    def worst(self) -> Level:
        """The highest level that was found."""
        return max((one.level for one in self._found.values()), default=Level.COMPATIBLE)

    def __bool__(self) -> bool:
        """Return whether anything was found."""
        return bool(self._found)

    def changes(self, reach: Reach) -> Iterator[Change]:
        """Yield what was found, with the operations that reach it."""
        for one in self._found.values():
            places = one.old.location, one.new.location
            reached = reach.names(one.owners)
            own = [name for name in reach.named(one.owners) if one.subject.startswith(name)]
            text = one.text + _reached(reached, own)
            yield Change(one.id, one.level, one.subject, text, *places, reached)


def _reached(names: Sequence[str], own: Sequence[str]) -> str:
    """Return the first operations that reach a change, but for its *own*."""
    shown = [name for name in names[: _MOST_REACHED + len(own)] if name not in own]
    if not shown:
        return ""
    more = len(names) - len(own) - _MOST_REACHED
    said = f" and {more:,} more" if more > 0 else ""
    return f" (reached by {', '.join(shown[:_MOST_REACHED])}{said})"


def written(value: Any) -> str:
    """Return a value for a sentence."""
    is_text = isinstance(value, str)
    text = value if is_text else json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"`{text}`" if is_text and value else text
