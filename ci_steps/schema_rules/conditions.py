"""Schemas inside of a schema that hold under a condition, or must not hold."""

from __future__ import annotations

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.directions import Effect
from ci_steps.schema_rules.keywords import first, of_kind
from ci_steps.schema_rules.rules import PRESENT
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.walking import Walk, compare_inner

_IF = ("if", "then", "else")
KEYWORDS = frozenset(
    {keyword for keyword, *_ in PRESENT}
    | {*_IF, "dependentRequired", "dependentSchemas", "dependencies"}
)


def compare_conditions(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare what holds under a condition."""
    for keyword, name, _ in PRESENT:
        before, after = _limit(old, keyword), _limit(new, keyword)
        # The less must not be, the more may be.
        way = spot.direction.opposite if keyword == "not" else spot.direction
        _compare_presence(name, before, after, spot, walk)
        compare_inner(name, before, after, old, new, spot, walk, direction=way)
    _compare_if(old, new, spot, walk)
    _compare_dependent_required(old, new, spot, walk)
    _compare_dependent_schemas(old, new, spot, walk)


def _limit(schema: Schema, keyword: str) -> Node | None:
    """Return a keyword where it limits anything: true and an empty schema do not."""
    node = first(schema, keyword)
    nothing: tuple[object, ...] = ({}, True) if keyword not in {"not", "contains"} else ()
    return None if node is None or node.value in nothing else node


def _compare_presence(
    name: str, before: Node | None, after: Node | None, spot: Spot, walk: Walk, said: str = ""
) -> None:
    if before is None and after is not None:
        walk.found.add(f"{name}-added", spot, None, after, said=("", said))
    elif before is not None and after is None:
        walk.found.add(f"{name}-removed", spot, before, None, said=(said, ""))


def _compare_if(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare conditions: without an `if` neither `then` nor `else` says anything."""
    for keyword in _IF:
        before, after = (
            first(schema, keyword) if first(schema, "if") is not None else None
            for schema in (old, new)
        )
        _compare_presence(keyword, before, after, spot, walk)
        if keyword != "if":
            compare_inner(keyword, before, after, old, new, spot, walk)
        elif (
            before is not None
            and after is not None
            and _differ(before, after, old, new, spot, walk)
        ):
            walk.found.add("if-changed", spot, before, after, level=Level.BREAKING)


def _differ(before: Node, after: Node, old: Schema, new: Schema, spot: Spot, walk: Walk) -> bool:
    return walk.level(old.of(before), new.of(after), spot) is not None


def _compare_dependent_required(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    before, after = (_dependent(schema, "dependentRequired", list) for schema in (old, new))
    for name in {**before, **after}:
        was, now = before.get(name), after.get(name)
        _compare_presence("dependent-required", was, now, spot, walk, name)
        if was is None or now is None:
            continue
        one, other = (frozenset(map(str, node.value)) for node in (was, now))
        if one != other:
            effect = Effect.NARROWER if one < other else Effect.WIDER
            effect = effect if one < other or other < one else Effect.DIFFERENT
            rule, level = "dependent-required-changed", effect.level(spot.direction)
            walk.found.add(rule, spot, was, now, said=(name, name), level=level)


def _compare_dependent_schemas(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    before, after = (_dependent(schema, "dependentSchemas", (dict, bool)) for schema in (old, new))
    for name in {**before, **after}:
        was, now = before.get(name), after.get(name)
        _compare_presence("dependent-schema", was, now, spot, walk, name)
        compare_inner("dependent-schema", was, now, old, new, spot, walk)


def _dependent(schema: Schema, keyword: str, kind: type | tuple[type, ...]) -> dict[str, Node]:
    """Return what depends on properties; until 2019 both kinds were `dependencies`."""
    return {
        name: node
        for word in (keyword, "dependencies")
        for listed in of_kind(schema, word, dict, "a mapping")
        for name, node in listed.entries()
        if isinstance(node.value, kind)
    }
