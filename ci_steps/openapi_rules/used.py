"""The places of a contract that calls use, by the direction in which a value goes there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ci_steps.documents.node import Node, Path
from ci_steps.schema_rules.schema import OWN_SCHEMAS, Schema, members
from ci_steps.schema_rules.subtypes import subtypes_of
from ci_steps.uses.values import EACH, Field

if TYPE_CHECKING:
    from ci_steps.comparisons.changes import Location
    from ci_steps.openapi_rules.sought import Sought

# Each has a schema for what is in a list, or in a map, whatever it is called.
_OF_LISTS = ("items", "additionalItems", "contains", "unevaluatedItems")
_OF_MAPS = ("additionalProperties", "unevaluatedProperties")
_LISTED = ("prefixItems", "items")
# What is in them has names, and is used by its name.
_NAMED = {"properties", "$defs", "definitions"}
_NAMING = {*_NAMED, "patternProperties", "schemas"}
# What is in them says nothing of values; a property may have such a name, though.
_VALUES = {"example", "examples", "default", "enum", "const"}


@dataclass
class Places:
    """Places of one direction.

    `used` are read or sent; `nearby` could be asked for by a change: what is beside a thing that is
    sent.
    """

    sought: Sought
    used: set[Location] = field(default_factory=set)
    nearby: set[Location] = field(default_factory=set)
    _wholes: set[tuple[str, Path]] = field(default_factory=set)
    _taken: dict[tuple[tuple[tuple[str, Path], ...], Field], bool] = field(default_factory=dict)

    def take_node(self, node: Node) -> None:
        """Take a node, and the keys that it has itself."""
        for one in (node, node.resolved()):
            self._add(one, *(inner for _, inner in one.entries()))

    def take_whole(self, *nodes: Node) -> None:
        """Take nodes with all that is in them, and all that they refer to."""
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node.place in self._wholes:
                continue
            self._wholes.add(node.place)
            waiting += subtypes_of(Schema((node,))).values()
            if not self.sought.may_be(node):
                waiting += _referred(node)
                continue
            self.used.add(node.location)
            if _is_value(node):
                self.used.update(_all_in(node))
                continue
            target = node.resolved()
            waiting += [target] if target is not node else []
            waiting += _in(node)

    def take(self, schema: Schema, way: Field) -> bool:
        """Take what leads to a field and all of it; return whether it is there.

        What a schema says of itself is used by all that is in it.
        """
        if not way:
            self.take_whole(*schema.written, *schema.facets)
            return True
        key = tuple(node.place for node in (*schema.written, *schema.facets)), way
        if key not in self._taken:
            self._taken[key] = False  # for whoever comes by again on the way
            self._take_own(schema, way[0])
            extending = subtypes_of(schema.of(*schema.facets)).values()
            others = (*schema.alternatives(), *map(schema.of, extending))
            found = [self.take(other, way) for other in others]
            found += [self.take(inner, rest) for inner, rest in _steps(schema, way)]
            self._taken[key] = any(found) or _is_open(schema)
        return self._taken[key]

    def take_surface(self, schema: Schema) -> None:
        """Take what a schema says of itself, and none of its fields."""
        self._take_own(schema, "")

    def _take_own(self, schema: Schema, name: str) -> None:
        for node in (*schema.written, *schema.facets):
            if self.sought.may_be(node):
                self._take_facet(node, name)
            properties = node.get("properties")
            for _, inner in properties.entries() if properties is not None else ():
                self.nearby |= schema.of(inner).locations(self.sought.may_be)

    def _take_facet(self, node: Node, name: str) -> None:
        self.used.add(node.location)
        for key, inner in node.entries():
            self.used.add(inner.location)
            if key == "required":
                self.used.update(one.location for one in inner.items() if one.value == name)
            elif key in OWN_SCHEMAS:
                parts = () if key in _NAMED else _in(inner)
                self.used.update(one.location for one in parts)
            else:
                self.used.update(_all_in(inner))

    def _add(self, *nodes: Node) -> None:
        self.used.update(node.location for node in nodes if self.sought.may_be(node))


def _steps(schema: Schema, way: Field) -> Iterator[tuple[Schema, Field]]:
    """Yield where the first step of a way leads; a list may be passed without saying so."""
    name, rest = way[0], way[1:]
    of_lists, of_maps = [*_in_lists(schema)], [*_in_maps(schema)]
    if name == EACH:
        every = [inner for node in _under(schema, "properties") for _, inner in node.entries()]
        yield from ((schema.of(node), rest) for node in (*of_lists, *of_maps, *every))
        return
    named = [inner for node in _under(schema, "properties") for inner in _got(node, name)]
    yield from ((schema.of(node), rest) for node in named or of_maps)
    yield from ((schema.of(node), way) for node in of_lists if not named)


def _got(node: Node, name: str) -> Iterable[Node]:
    found = node.get(name)
    return () if found is None else (found,)


def _under(schema: Schema, keyword: str) -> Iterator[Node]:
    yield from (node for facet in schema.facets for node in _got(facet, keyword))


def _in_lists(schema: Schema) -> Iterator[Node]:
    for keyword in _OF_LISTS:
        yield from (node for node in _under(schema, keyword) if node.is_mapping)
    for keyword in _LISTED:
        yield from (node for facet in schema.facets for node in members(facet, keyword))


def _in_maps(schema: Schema) -> Iterator[Node]:
    for keyword in _OF_MAPS:
        yield from (node for node in _under(schema, keyword) if node.is_mapping)
    for node in _under(schema, "patternProperties"):
        yield from (inner for _, inner in node.entries())


def _is_open(schema: Schema) -> bool:
    """Return whether it lists no fields and no kinds, so that any may be there."""
    keys = {"properties", "oneOf", "anyOf", *_OF_LISTS, *_LISTED}
    if any(node.value is True for node in _under(schema, "additionalProperties")):
        return True
    types = {node.value for node in _under(schema, "type") if isinstance(node.value, str)}
    return types <= {"object"} and not any(
        keys & set(facet.value) for facet in schema.facets if facet.is_mapping
    )


def _is_value(node: Node) -> bool:
    is_named = len(node.path) > 1 and node.path[-2] in _NAMING
    return node.name in _VALUES and not is_named


def _has_parts(value: Any) -> bool:
    return value.__class__ is dict or value.__class__ is list


def _referred(node: Node) -> Iterator[Node]:
    """Yield what is referred to in a node, which is looked through without its places."""
    waiting: list[tuple[Any, Any]] = [(node.value, node.name)] if _has_parts(node.value) else []
    while waiting:
        value, name = waiting.pop()
        if value.__class__ is list:
            waiting += [(one, None) for one in value if _has_parts(one)]
            continue
        if isinstance(value.get("$ref"), str):
            yield node.document.library.target(node, value["$ref"])
        waiting += [
            (one, key)
            for key, one in value.items()
            if _has_parts(one) and (key not in _VALUES or name in _NAMING)
        ]


def _in(node: Node) -> list[Node]:
    return [*node.items(), *(inner for _, inner in node.entries())]


def _all_in(node: Node) -> Iterator[Location]:
    """Yield the places of all that is in a value, which refers to nothing."""
    waiting = _in(node)
    while waiting:
        one = waiting.pop()
        yield one.location
        waiting += _in(one)
