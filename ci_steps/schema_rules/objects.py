"""Properties: which there are, which are required, and what other ones there may be."""

from __future__ import annotations

from typing import Any

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.documents.references import Links
from ci_steps.schema_rules.dialects import is_neutral
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.keywords import first, flagged, of_kind, written_in
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.walking import Walk

KEYWORDS = frozenset({"properties", "required", "additionalProperties", "patternProperties"})
_HIDES = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}
_OTHERS = ("additionalProperties", "unevaluatedProperties")
_ELSEWHERE = ("$ref", "allOf")
_MARKS = {Direction.REQUEST: "read-only", Direction.RESPONSE: "write-only"}


class _Side:
    """What one side says of properties."""

    def __init__(self, schema: Schema, direction: Direction) -> None:
        self.schema = schema
        self._hides = _HIDES[direction]
        # What is said of each: a node would be made for nothing, most are as before.
        self.values: dict[str, list[Any]] = {}
        self._schemas: dict[str, Schema | None] = {}
        self.listed = [*of_kind(schema, "properties", dict, "a mapping")]
        for properties in self.listed:
            for name, value in properties.value.items():
                self.values.setdefault(name, []).append(value)
        self.required = {
            str(item.value): item
            for listed in written_in(schema, "required")
            for item in listed.items()  # in Swagger 2.0 `required: true` is said of a parameter
        }

    def property(self, name: str) -> Schema | None:
        """Return the schema of a property."""
        if name not in self._schemas:
            known = name in self.values
            self._schemas[name] = self.schema.of(*self.nodes(name)) if known else None
        return self._schemas[name]

    def nodes(self, name: str) -> list[Node]:
        """Return where a property is described."""
        return [node for listed in self.listed if (node := listed.get(name)) is not None]

    def hides(self, name: str) -> Node | None:
        """Return what says that a property does not go this way."""
        if not any(map(self._may_hide, self.values.get(name, ()))):
            return None
        schema = self.property(name)
        return flagged(schema, self._hides) if schema is not None else None

    def _may_hide(self, value: Any) -> bool:
        """Return whether a schema could say so: most are plain, and asking costs."""
        return isinstance(value, dict) and any(key in value for key in (self._hides, *_ELSEWHERE))


def compare_objects(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare the properties of two schemas."""
    before, after = _Side(old, spot.direction), _Side(new, spot.direction)
    _compare_listed(before, after, spot, walk)
    for name in {**before.required, **after.required}:
        if name not in before.values and name not in after.values:
            _compare_required(name, before, after, spot.property(name, None, None), walk)
    _compare_others(old, new, spot, walk)
    _compare_patterns(old, new, spot, walk)


def _compare_listed(before: _Side, after: _Side, spot: Spot, walk: Walk) -> None:
    alike = _alike(before, after, walk)
    for name in before.values:
        if name in alike and walk.follow(*alike[name], spot):
            continue
        if name in after.values:
            _compare_property(name, before, after, spot, walk)
        elif not before.hides(name):
            _removed(name, before, after, spot, walk)
    for name in after.values:
        if name not in before.values and not after.hides(name):
            _added(name, after, spot, walk)


def _compare_property(name: str, before: _Side, after: _Side, spot: Spot, walk: Walk) -> None:
    old, new = before.property(name), after.property(name)
    if old is None or new is None:
        return
    here = spot.property(name, old.written[0], new.written[0])
    was_hidden, is_hidden = before.hides(name), after.hides(name)
    if was_hidden and is_hidden:
        return
    if was_hidden or is_hidden:
        need = "required" if name in after.required else "optional"
        became = "became" if is_hidden else "became-not"
        rule = f"{spot.direction.value}-{need}-property-{became}-{_MARKS[spot.direction]}"
        walk.found.add(rule, here, was_hidden, is_hidden)
        return
    _compare_required(name, before, after, here, walk)
    walk.compare(old, new, here)


def _alike(before: _Side, after: _Side, walk: Walk) -> dict[str, tuple[Links, Schema, Schema]]:
    """Return what the properties refer to of which nothing else can differ: so it is with most.

    With it are what lists them on both sides, from where references lead.
    """
    if len(before.listed) != len(after.listed):
        return {}
    alike: dict[str, tuple[Links, Schema, Schema]] = {}
    others = before.required.keys() ^ after.required.keys()
    for old, new in zip(before.listed, after.listed, strict=True):
        found = walk.alike(old.value, new.value)
        # What several list is compared as a whole.
        others |= (old.value.keys() | new.value.keys()) - found.keys() | (found.keys() & alike)
        sides = before.schema.of(old), after.schema.of(new)
        alike |= {name: (links, *sides) for name, links in found.items()}
    is_one_dialect = before.schema.has_siblings == after.schema.has_siblings
    return {
        name: properties
        for name, properties in alike.items()
        if name not in others and (is_one_dialect or is_neutral(before.values[name]))
    }


def _compare_required(name: str, before: _Side, after: _Side, spot: Spot, walk: Walk) -> None:
    was, now = before.required.get(name), after.required.get(name)
    way = spot.direction.value
    if was is None and now is not None:
        more = "-with-default" if way == "request" and _has_default(after, name) else ""
        walk.found.add(f"{way}-property-became-required{more}", spot, None, now)
    elif was is not None and now is None:
        walk.found.add(f"{way}-property-became-optional", spot, was, None)


def _has_default(side: _Side, name: str) -> bool:
    schema = side.property(name)
    return schema is not None and first(schema, "default") is not None


def _removed(name: str, before: _Side, after: _Side, spot: Spot, walk: Walk) -> None:
    node = before.nodes(name)[0]
    here = spot.property(name, node, None)
    if spot.direction is Direction.REQUEST:
        others = (first(after.schema, keyword) for keyword in _OTHERS)
        is_closed = any(node is not None and node.value is False for node in others)
        level = Level.BREAKING if is_closed else Level.WARNING
        walk.found.add("request-property-removed", here, node, level=level)
        return
    need = "required" if name in before.required else "optional"
    walk.found.add(f"response-{need}-property-removed", here, node)


def _added(name: str, after: _Side, spot: Spot, walk: Walk) -> None:
    node = after.nodes(name)[0]
    here = spot.property(name, None, node)
    need = "required" if name in after.required else "optional"
    walk.tell_deprecated(f"{spot.direction.value}-property", here, None, node)
    if spot.direction is Direction.RESPONSE:
        walk.found.add(f"response-{need}-property-added", here, None, node)
        return
    more = "-with-default" if need == "required" and _has_default(after, name) else ""
    walk.found.add(f"new-{need}-request-property{more}", here, None, node)


def _compare_others(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare what other properties there may be."""
    before, after = (first(schema, "additionalProperties") for schema in (old, new))
    was_closed, is_closed = (node is not None and node.value is False for node in (before, after))
    if was_closed != is_closed:
        what = "allowed" if was_closed else "forbidden"
        walk.found.add(f"additional-properties-{what}", spot, before, after)
    elif not was_closed and (before is not None or after is not None):
        here = spot.property("*", before, after)
        walk.compare(_or_any(old, before), _or_any(new, after), here)


def _or_any(schema: Schema, node: Node | None) -> Schema:
    return schema.of(node) if node is not None else schema.of()


def _compare_patterns(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    before, after = (_patterns(schema) for schema in (old, new))
    for pattern in {**before, **after}:
        was, now = before.get(pattern), after.get(pattern)
        if was is not None and now is not None:
            walk.compare(old.of(was), new.of(now), spot.property(pattern, was, now))
            continue
        what, said = ("added", ("", pattern)) if was is None else ("removed", (pattern, ""))
        walk.found.add(f"pattern-property-{what}", spot, was, now, said=said)


def _patterns(schema: Schema) -> dict[str, Node]:
    return {
        pattern: node
        for listed in of_kind(schema, "patternProperties", dict, "a mapping")
        for pattern, node in listed.entries()
    }
