"""Bounds, lengths, patterns, and what else a value is measured by."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ci_steps.documents.node import Node
from ci_steps.schema_rules.findings import Findings
from ci_steps.schema_rules.keywords import first, of_kind, strictest
from ci_steps.schema_rules.rules import BOUNDS
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.types import types_of
from ci_steps.schema_rules.walking import Walk

_EXCLUSIVE = {"maximum": "exclusiveMaximum", "minimum": "exclusiveMinimum"}
_ANY_TEXT = {"", ".*", "^.*$", "^.*", ".*$", "^", "$", "[\\s\\S]*", "^[\\s\\S]*$"}
_CONTENT = (("contentEncoding", "content-encoding"), ("contentMediaType", "content-media-type"))
KEYWORDS = frozenset(
    {keyword for keyword, *_ in BOUNDS}
    | {*_EXCLUSIVE.values(), "multipleOf", "pattern"}
    | {keyword for keyword, _ in _CONTENT}
)


def compare_scalars(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare what each value is measured by."""
    types, found, written = types_of(new), walk.found, old.keywords | new.keywords
    for keyword, name, _, is_upper, about in BOUNDS:
        is_written = keyword in written or _EXCLUSIVE.get(keyword) in written
        if is_written and types.has(*about):
            _compare_bound(keyword, name, old, new, spot, found, is_upper=is_upper)
    if types.has("number", "integer"):
        _compare_steps(old, new, spot, found)
    if types.has("string"):
        _compare_patterns(old, new, spot, found)
        for keyword, name in _CONTENT:
            before, after = first(old, keyword), first(new, keyword)
            if _value(before) != _value(after):
                said = _value(before) or "none", _value(after) or "none"
                found.add(f"{name}-changed", spot, before, after, said=said)


def _value(node: Node | None) -> Any:
    return None if node is None else node.value


def _compare_bound(
    keyword: str,
    name: str,
    old: Schema,
    new: Schema,
    spot: Spot,
    found: Findings,
    *,
    is_upper: bool,
) -> None:
    before, was_exclusive = _bound(old, keyword, is_upper=is_upper)
    after, is_exclusive = _bound(new, keyword, is_upper=is_upper)
    if was_exclusive != is_exclusive and before and after and _is_whole(old) and _is_whole(new):
        step = -1 if is_upper else 1
        if before.value + step * was_exclusive == after.value + step * is_exclusive:
            return
    kind = f"exclusive-{name}" if is_exclusive or (was_exclusive and after is None) else name
    is_moved = before is None or after is None or before.value != after.value
    if is_moved or was_exclusive == is_exclusive:
        compare_limits(kind, before, after, spot, found)
    else:
        what = "set" if is_exclusive else "unset"
        found.add(f"exclusive-{name}-{what}", spot, before, after)


def _is_whole(schema: Schema) -> bool:
    return types_of(schema).names == frozenset({"integer"})


def compare_limits(
    name: str,
    before: Node | None,
    after: Node | None,
    spot: Spot,
    found: Findings,
) -> None:
    """Compare two bounds of one kind."""
    if before is None and after is None:
        return
    if before is None or after is None:
        found.add(f"{name}-{'set' if before is None else 'unset'}", spot, before, after)
    elif before.value != after.value:
        what = "increased" if after.value > before.value else "decreased"
        found.add(f"{name}-{what}", spot, before, after)


def _bound(schema: Schema, keyword: str, *, is_upper: bool) -> tuple[Node | None, bool]:
    """Return a bound, and whether it is exclusive; a least of nought is none."""
    bound = strictest(schema, keyword, is_upper=is_upper)
    exclusive = _EXCLUSIVE.get(keyword)
    if exclusive is None:
        return (bound if bound is not None and (is_upper or bound.value > 0) else None), False
    limits = [node for facet in schema.facets for node in [facet.get(exclusive)] if node]
    numbers = [node for node in limits if not isinstance(node.value, bool)]
    if numbers:
        other = (min if is_upper else max)(numbers, key=lambda node: node.value)
        if bound is None or (
            other.value <= bound.value if is_upper else other.value >= bound.value
        ):
            return other, True
    is_switched = bound is not None and any(
        facet.value.get(exclusive) is True
        for facet in schema.facets
        if facet.is_mapping and facet.value.get(keyword) == bound.value
    )
    return bound, is_switched


def _compare_steps(old: Schema, new: Schema, spot: Spot, found: Findings) -> None:
    before, after = (
        next(of_kind(schema, "multipleOf", (int, float), "a number"), None) for schema in (old, new)
    )
    if _value(before) == _value(after):
        return
    if before is None or (after is not None and _divides(before, after)):
        found.add("multiple-of-set", spot, before, after)
    elif after is None or _divides(after, before):
        found.add("multiple-of-unset", spot, before, after)
    else:
        found.add("multiple-of-changed", spot, before, after)


def _divides(one: Node, other: Node) -> bool:
    # As they are written: to floating point a tenth is no multiple of a hundredth.
    step, whole = (Fraction(str(node.value)) for node in (one, other))
    return bool(step and whole % step == 0)


def _compare_patterns(old: Schema, new: Schema, spot: Spot, found: Findings) -> None:
    before, after = _patterns(old), _patterns(new)
    if before.keys() == after.keys():
        return
    left, right = (
        next((node for text, node in one.items() if text not in other), None)
        for one, other in ((before, after), (after, before))
    )
    if left is None:
        found.add("pattern-added", spot, None, right)
    elif right is not None:
        found.add("pattern-changed", spot, left, right)
    else:
        wide = first(new, "pattern")
        found.add(
            "pattern-generalized" if wide and not after else "pattern-removed", spot, left, wide
        )


def _patterns(schema: Schema) -> dict[str, Node]:
    nodes = of_kind(schema, "pattern", str, "a text")
    return {node.value: node for node in nodes if node.value not in _ANY_TEXT}
