"""The lists of kinds that a schema has (oneOf, anyOf), and how a kind is called."""

from __future__ import annotations

from typing import NamedTuple

from ci_steps.documents.node import Node
from ci_steps.schema_rules.keywords import is_nothing
from ci_steps.schema_rules.schema import TEXTS, Schema, members
from ci_steps.schema_rules.types import types_of

_KEYWORDS = (("oneOf", "one-of"), ("anyOf", "any-of"))
KEYWORDS = frozenset(keyword for keyword, _ in _KEYWORDS)
_OF_NULL = TEXTS | {"type", "enum", "const", "deprecated"}
# What stands beside a list of kinds and says nothing of values.
_SAYS_NOTHING = ("title", "description", "example", "examples", "discriminator")


class Kinds(NamedTuple):
    """A list of kinds: its keyword, the name of its rules, and the facet that has it."""

    keyword: str
    name: str
    facet: Node

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What is listed."""
        return members(self.facet, self.keyword)


def lists_of(schema: Schema) -> list[Kinds]:
    """Return the lists of kinds of a schema; most have none."""
    if KEYWORDS.isdisjoint(schema.keywords):
        return []
    return [
        Kinds(keyword, name, facet)
        for keyword, name in _KEYWORDS
        if keyword in schema.keywords
        for facet in schema.facets
        if members(facet, keyword)
    ]


def whole_kinds(schema: Schema, listed: Kinds) -> list[Schema]:
    """Return the kinds of one list of them, each with what holds beside it."""
    rest = rest_of(schema, listed)
    return [schema.of(kind, *rest) for kind in listed.nodes]


def rest_of(schema: Schema, listed: Kinds) -> tuple[Node, ...]:
    """Return what a schema says of values beside a list of kinds."""
    left_out = (listed.keyword if one is listed.facet else "" for one in schema.facets)
    rest = map(_without, schema.facets, left_out)
    return tuple(one for one in rest if one.value != {})


def _without(facet: Node, keyword: str) -> Node:
    """Return what a facet says without a list of kinds; allOf has its own facets."""
    if not isinstance(facet.value, dict):
        return facet
    left_out = {keyword, "allOf", *_SAYS_NOTHING}
    kept = {key: value for key, value in facet.value.items() if key not in left_out}
    return Node(facet.document, facet.path, kept)


def is_null(kind: Schema) -> bool:
    """Return whether a kind is null alone."""
    if not _OF_NULL.issuperset(kind.keywords) or is_nothing(kind):
        return False
    types = types_of(kind)
    return types.names == frozenset() and types.is_nullable


def called(schema: Schema) -> str:
    """Return what a kind is called: its reference, its title, or its type."""
    value = schema.written[0].value if schema.written else None
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("$ref"), str):
        return schema_name(value["$ref"])
    if isinstance(value.get("title"), str):
        return str(value["title"])
    return str(types_of(schema)) if "type" in value else ""


def schema_name(reference: str) -> str:
    """Return the name of a schema in a reference to it, which may be the name alone."""
    return reference.rsplit("/", 1)[-1]
