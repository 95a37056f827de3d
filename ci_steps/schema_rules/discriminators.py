"""What tells kinds apart: a property, and the schema for each of its values."""

from __future__ import annotations

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.keywords import first
from ci_steps.schema_rules.kinds import lists_of, schema_name
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.walking import Walk


def compare_discriminators(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare the property that tells kinds apart, and what its values stand for."""
    before, after = first(old, "discriminator"), first(new, "discriminator")
    if before is None and after is None:
        return
    if before is None or after is None:
        what, said = ("added" if before is None else "removed"), ("", "")
        walk.found.add(f"discriminator-{what}", spot, before, after, said=said)
        return
    was, now = _property(before), _property(after)
    if was.value != now.value:
        walk.found.add("discriminator-property-name-changed", spot, was, now)
    _compare_mappings(_mapping(before), _mapping(after), _known(old), spot, walk)


def _property(node: Node) -> Node:
    return node.get("propertyName") or node


def _mapping(node: Node) -> dict[str, Node]:
    mapping = node.get("mapping")
    return dict(mapping.entries()) if mapping is not None else {}


def _known(schema: Schema) -> set[str]:
    """Return the names of the schemas that are kinds."""
    nodes = (node.value for listed in lists_of(schema) for node in listed.nodes)
    return {schema_name(str(value["$ref"])) for value in nodes if "$ref" in value}


def _compare_mappings(
    before: dict[str, Node], after: dict[str, Node], kinds: set[str], spot: Spot, walk: Walk
) -> None:
    """Compare what values stand for; the name of a schema stands for it without a mapping."""
    known = kinds | {_meant(node) for node in before.values()}
    for value in {**before, **after}:
        one, other = before.get(value), after.get(value)
        was, now = (_meant(node) if node else value for node in (one, other))
        if was == now:
            continue
        if one is None:
            # Readers wait for another value of a kind that they know.
            is_another = spot.direction is Direction.RESPONSE and now in known
            level, said = Level.BREAKING if is_another else Level.COMPATIBLE, ("", value)
            walk.found.add("discriminator-mapping-added", spot, None, other, said=said, level=level)
        elif other is None:
            walk.found.add("discriminator-mapping-deleted", spot, one, None, said=(value, ""))
        else:
            walk.found.add("discriminator-mapping-changed", spot, one, other, said=(value, value))


def _meant(node: Node) -> str:
    return schema_name(str(node.value))
