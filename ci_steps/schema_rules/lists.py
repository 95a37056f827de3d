"""Items: of what schema, at which positions, which must be there, and whether twice."""

from __future__ import annotations

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.directions import Effect
from ci_steps.schema_rules.keywords import first, flagged, strictest, written_in
from ci_steps.schema_rules.rules import CONTAINS
from ci_steps.schema_rules.scalars import compare_limits
from ci_steps.schema_rules.schema import Schema, members
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.walking import Walk

KEYWORDS = frozenset(
    {"items", "prefixItems", "additionalItems", "uniqueItems", "contains"}
    | {keyword for keyword, *_ in CONTAINS}
)


def compare_lists(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare the items of two schemas."""
    before, after = _positions(old), _positions(new)
    rest = _rest(old), _rest(new)
    for index in range(min(len(before), len(after))):
        here = spot.item(f"[{index}]", before[index], after[index])
        walk.compare(old.of(before[index]), new.of(after[index]), here)
    if len(before) != len(after):
        _compare_positions(before, after, rest, spot, walk)
    if rest[0] is not None or rest[1] is not None:
        before_rest, after_rest = (
            side.of(node) if node else side.of()
            for side, node in zip((old, new), rest, strict=True)
        )
        walk.compare(before_rest, after_rest, spot.item("[]", *rest))
    was, now = flagged(old, "uniqueItems"), flagged(new, "uniqueItems")
    if (was is None) != (now is None):
        said = "", ""
        walk.found.add(
            f"unique-items-{'added' if was is None else 'removed'}", spot, was, now, said=said
        )
    _compare_contained(old, new, spot, walk)


def _positions(schema: Schema) -> tuple[Node, ...]:
    """Return the schemas of the first items; before 2020 `items` may list them."""
    for facet in schema.facets:
        items = facet.get("items")
        if items is not None and isinstance(items.value, list):
            return tuple(items.items())
        if found := members(facet, "prefixItems"):
            return found
    return ()


def _rest(schema: Schema) -> Node | None:
    items = first(schema, "items")
    if items is not None and isinstance(items.value, list):
        return first(schema, "additionalItems")
    return items


def _compare_positions(
    before: tuple[Node, ...],
    after: tuple[Node, ...],
    rest: tuple[Node | None, Node | None],
    spot: Spot,
    walk: Walk,
) -> None:
    """Compare how many positions there are: in a closed list one more is an item more."""
    is_closed = all(node is not None and node.value is False for node in rest)
    is_added = len(after) > len(before)
    effect = Effect.WIDER if is_added is is_closed else Effect.NARROWER
    more = after[len(before) :] if is_added else before[len(after) :]
    for node in more:
        name = f"prefix-items-{'added' if is_added else 'removed'}"
        old, new = (None, node) if is_added else (node, None)
        walk.found.add(name, spot, old, new, level=Level(effect.level(spot.direction)))


def _compare_contained(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    if not (written_in(old, "contains") and written_in(new, "contains")):
        return
    for keyword, name, _, is_upper in CONTAINS:
        before, after = (strictest(schema, keyword, is_upper=is_upper) for schema in (old, new))
        if not is_upper:
            before, after = _unless_one(before, after), _unless_one(after, before)
        compare_limits(name, before, after, spot, walk.found)


def _unless_one(node: Node | None, other: Node | None) -> Node | None:
    """Return a least number; one is what there is where the other side says nothing."""
    return None if other is None and node is not None and node.value == 1 else node
