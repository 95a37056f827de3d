"""Which values there are: enum, const, and the default."""

from __future__ import annotations

from typing import Any

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.findings import Findings
from ci_steps.schema_rules.keywords import first, identity, of_kind
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.walking import Walk

_EXTENSIBLE = "x-extensible-enum"
KEYWORDS = frozenset({"enum", "const", "default", _EXTENSIBLE})


def compare_values(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare the values that are listed, and the default."""
    found = walk.found
    const = first(old, "const"), first(new, "const")
    before, after = _listed(old), _listed(new)
    if any(const) and not first(old, "enum") and not first(new, "enum"):
        _compare_consts(const[0], const[1], spot, found)
    elif before is None and after is not None:
        found.add("became-enum", spot, None, first(new, "enum") or const[1])
    elif before is not None and after is None:
        found.add("became-not-enum", spot, first(old, "enum") or const[0], None)
    elif before is not None and after is not None:
        _compare_lists(before, after, old, spot, found)
    _compare_extensible(old, new, spot, found)
    _compare_defaults(first(old, "default"), first(new, "default"), spot, found)


def _listed(schema: Schema) -> dict[Any, Node] | None:
    """Return the values that all facets allow, and where they stand; None for any."""
    allowed: dict[Any, Node] | None = None
    for node in of_kind(schema, "enum", list, "a list"):
        values = {identity(item.value): item for item in node.items() if item.value is not None}
        allowed = values if allowed is None else {k: v for k, v in allowed.items() if k in values}
    const = first(schema, "const")
    if const is not None:
        allowed = {identity(const.value): const}
    return allowed


def _compare_consts(before: Node | None, after: Node | None, spot: Spot, found: Findings) -> None:
    if before is None:
        found.add("const-added", spot, None, after)
    elif after is None:
        found.add("const-removed", spot, before, None)
    elif identity(before.value) != identity(after.value):
        found.add("const-changed", spot, before, after)


def _compare_lists(
    before: dict[Any, Node], after: dict[Any, Node], old: Schema, spot: Spot, found: Findings
) -> None:
    # What says so from now on was told to nobody who has written code.
    is_open = spot.direction is Direction.RESPONSE and first(old, _EXTENSIBLE) is not None
    for key, node in before.items():
        if key not in after:
            found.add("enum-value-removed", spot, node, said=(node.value, ""))
    for key, node in after.items():
        if key not in before:
            level = Level.COMPATIBLE if is_open else None
            found.add("enum-value-added", spot, None, node, said=("", node.value), level=level)


def _compare_extensible(old: Schema, new: Schema, spot: Spot, found: Findings) -> None:
    """Compare values that callers know, and beside which they take others."""
    before, after = first(old, _EXTENSIBLE), first(new, _EXTENSIBLE)
    if before is None or after is None or spot.direction is Direction.RESPONSE:
        return
    kept = {identity(item.value) for item in after.items()}
    for node in before.items():
        if identity(node.value) not in kept:
            name = "x-extensible-enum-value-removed"
            found.add(name, spot, node, said=(node.value, ""))


def _compare_defaults(before: Node | None, after: Node | None, spot: Spot, found: Findings) -> None:
    if before is None and after is None:
        return
    if before is None or after is None:
        found.add(f"default-value-{'added' if before is None else 'removed'}", spot, before, after)
    elif identity(before.value) != identity(after.value):
        found.add("default-value-changed", spot, before, after)
