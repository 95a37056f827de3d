"""What the parts of a comparison ask of the whole."""

from __future__ import annotations

from typing import Any, Protocol

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.documents.references import Links
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.findings import Findings
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot


class Walk(Protocol):
    """A comparison under way."""

    found: Findings

    def compare(self, old: Schema, new: Schema, spot: Spot) -> None:
        """Compare two schemas below the ones that are compared now."""

    def tell_deprecated(self, what: str, spot: Spot, old: Node | None, new: Node) -> None:
        """Tell, where that is agreed, that something new is deprecated already."""

    def is_same(self, old: Schema, new: Schema) -> bool:
        """Return whether both are written alike; what they refer to may differ."""

    def alike(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Links]:
        """Return what is written alike in two mappings by its key, as what it refers to."""

    def follow(self, links: Links, old: Schema, new: Schema, spot: Spot) -> bool:
        """Compare, later, what both schemas refer to; False if that says who gets it."""

    def level(self, old: Schema, new: Schema, spot: Spot) -> Level | None:
        """Return the worst that two schemas differ in, None if in nothing; nothing is told."""


def compare_inner(
    name: str,
    before: Node | None,
    after: Node | None,
    old: Schema,
    new: Schema,
    spot: Spot,
    walk: Walk,
    *,
    direction: Direction | None = None,
) -> None:
    """Compare a schema that is a condition of another one: a change of it is one change."""
    if before is None or after is None:
        return
    inner = spot._replace(direction=direction or spot.direction)
    level = walk.level(old.of(before), new.of(after), inner)
    if level is not None:
        level = Level.BREAKING if level else Level.COMPATIBLE
        walk.found.add(f"{name}-changed", spot, before, after, level=level)
