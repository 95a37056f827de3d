"""A schema as a walker sees it: references are followed, members of allOf hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ci_steps.comparisons.changes import Location
from ci_steps.documents.node import Node, Path

# What a `$ref` may have beside it without saying anything about values.
TEXTS = frozenset({"$ref", "summary", "description", "title", "$comment", "example", "examples"})
_FOLLOWED = frozenset({"$ref", "allOf"})
_ALTERNATIVES = ("oneOf", "anyOf")
# Each is a schema of its own; what else a schema has under it belongs to it.
OWN_SCHEMAS = frozenset(
    {"not", "if", "then", "else", "items", "contains", "propertyNames", "additionalProperties"}
    | {"unevaluatedItems", "unevaluatedProperties", "contentSchema", "allOf", "oneOf", "anyOf"}
    | {"properties", "patternProperties", "dependentSchemas", "prefixItems", "$defs"}
    | {"definitions"}
)
# Where schemas have names that people know.
NAMING = frozenset({"schemas", "definitions", "$defs"})


@dataclass(frozen=True, eq=False)
class Schema:
    """What holds of a value: all of `written`, which may be references.

    In JSON Schema since 2019, and so in OpenAPI 3.1, keywords beside a `$ref` hold too
    (`has_siblings`). Whether it may be null is said elsewhere where `is_null_apart`.
    """

    written: tuple[Node, ...]
    has_siblings: bool = False
    is_null_apart: bool = False

    @cached_property
    def facets(self) -> tuple[Node, ...]:
        """The nodes that hold together, without those that only refer to others."""
        return tuple(facet for node in self.written for facet in self._facets(node, ()))

    @cached_property
    def keywords(self) -> frozenset[str]:
        """The keys of all facets."""
        return frozenset[str]().union(
            *(facet.value for facet in self.facets if isinstance(facet.value, dict))
        )

    def _facets(self, node: Node, around: tuple[tuple[str, Path], ...]) -> Iterator[Node]:
        if _FOLLOWED.isdisjoint(node.value if node.is_mapping else ()):
            yield node
            return
        if node.place in around:
            raise node.document.library.wrong(node, "allOf leads to itself")
        around = (*around, node.place)
        target = node.resolved()
        if target is not node:
            if self.says_more(node):
                yield Node(node.document, node.path, {**node.value, "$ref": None})
            yield from self._facets(target, around)
            return
        yield node
        for member in members(node, "allOf"):
            yield from self._facets(member, around)

    def says_more(self, node: Node) -> bool:
        """Return whether a reference has keywords beside it that hold, too."""
        return self.has_siblings and not TEXTS.issuperset(node.value)

    def of(self, *nodes: Node) -> Schema:
        """Return the schema that *nodes* of this document write."""
        return Schema(nodes, self.has_siblings)

    def under(self, find: Callable[[Node], Node | None]) -> Schema | None:
        """Return what *find* finds in the facets as one schema; None if it finds nothing."""
        nodes = tuple(filter(None, map(find, self.facets)))
        return self.of(*nodes) if nodes else None

    @property
    def parts(self) -> tuple[Schema, ...]:
        """A schema for each that is written; most are one."""
        return (self,) if len(self.written) == 1 else tuple(map(self.of, self.written))

    @property
    def places(self) -> tuple[tuple[str, Path], ...]:
        """What tells it from all others of its contract."""
        if len(self.written) == 1:
            return (self.written[0].place,)
        return tuple([node.place for node in self.written])

    @property
    def file(self) -> str:
        """The name of the document in which it begins."""
        return self.written[0].document.file.name

    @property
    def location(self) -> Location:
        """Where it is written; a reference stands where it is used."""
        return self.written[0].location

    def alternatives(self) -> Iterator[Schema]:
        """Yield the schemas of oneOf and anyOf."""
        for facet in self.facets:
            for keyword in _ALTERNATIVES:
                for node in members(facet, keyword):
                    yield self.of(node)

    def properties(self, name: str) -> tuple[Schema, ...]:
        """Return what it says of a property, itself and in its alternatives."""
        return self._everywhere(lambda facet: facet.at("properties", name))

    def items(self) -> tuple[Schema, ...]:
        """Return what it says of the items of a list, itself and in its alternatives."""
        return self._everywhere(lambda facet: facet.get("items"))

    def locations(self, is_wanted: Callable[[Node], bool] | None = None) -> frozenset[Location]:
        """Return where it, and all that it says of itself, is written.

        A change of it is at one of these places; one of a property is at those of the property.
        """
        return frozenset(
            place.location
            for node in (*self.written, *self.facets)
            if is_wanted is None or is_wanted(node)
            for place in (node, *_own_places(node))
        )

    def _everywhere(self, find: Callable[[Node], Node | None]) -> tuple[Schema, ...]:
        found: list[Schema] = []
        waiting: list[Schema] = [self]
        seen: set[tuple[str, Path]] = set()
        while waiting:
            schema = waiting.pop(0)
            if schema.facets and schema.facets[0].place not in seen:
                seen.add(schema.facets[0].place)
                found += filter(None, [schema.under(find)])
                waiting += schema.alternatives()
        return tuple(found)


def members(node: Node, keyword: str) -> tuple[Node, ...]:
    """Return the schemas that a keyword such as allOf lists."""
    listed = node.get(keyword)
    return tuple(listed.items()) if listed is not None else ()


def _own_places(node: Node) -> Iterator[Node]:
    for key, value in node.entries():
        yield value
        if key not in OWN_SCHEMAS:
            yield from value.items()
            yield from (entry for _, entry in value.entries())
