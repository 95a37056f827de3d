"""What the facets of a schema say together of one keyword."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ci_steps.documents.node import Node
from ci_steps.schema_rules.schema import Schema

# What says who gets a value, itself or elsewhere.
_MARKS = ("readOnly", "writeOnly")
_TELLING = frozenset({*_MARKS, "$ref", "allOf"})

_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def written_in(schema: Schema, keyword: str) -> tuple[Node, ...]:
    """Return the keyword of every facet that has it."""
    if keyword not in schema.keywords:  # most are not, and all are asked for
        return ()
    return tuple(filter(None, (facet.get(keyword) for facet in schema.facets)))


def first(schema: Schema, keyword: str) -> Node | None:
    """Return the keyword of the first facet that has it."""
    return next(iter(written_in(schema, keyword)), None)


def of_kind(
    schema: Schema, keyword: str, kind: type | tuple[type, ...], what: str
) -> Iterator[Node]:
    """Yield the keyword of every facet; ContractError where its value is of no such type."""
    for node in written_in(schema, keyword):
        is_switch = isinstance(node.value, bool) and kind is not bool
        if is_switch or not isinstance(node.value, kind):
            raise node.document.library.wrong(node, f"{keyword} is not {what}")
        yield node


def flagged(schema: Schema, keyword: str) -> Node | None:
    """Return the keyword where a facet says true."""
    found = (facet.get(keyword) for facet in schema.facets)
    return next((node for node in found if node is not None and node.value is True), None)


def goes_one_way(schema: Schema) -> bool:
    """Return whether a facet says that it is in requests alone, or in responses."""
    if all(not node.is_mapping or _TELLING.isdisjoint(node.value) for node in schema.written):
        return False  # so it is with most
    facets = [facet.value for facet in schema.facets if facet.is_mapping]
    return any(facet.get(mark) is True for facet in facets for mark in _MARKS)


def strictest(schema: Schema, keyword: str, *, is_upper: bool) -> Node | None:
    """Return the least of upper bounds, or the greatest of lower ones."""
    choose: Callable[..., Node] = min if is_upper else max
    found = list(of_kind(schema, keyword, (int, float), "a number"))
    return choose(found, key=lambda node: node.value) if found else None


def is_nothing(schema: Schema) -> bool:
    """Return whether a facet is false: no value is allowed."""
    return any(facet.value is False for facet in schema.facets)


def identity(value: Any) -> Any:
    """Return what tells a JSON value from others: 1 is 1.0, and neither is true."""
    if isinstance(value, bool) or value is None:
        return value, None
    if isinstance(value, (int, float)):
        return "number", value
    if isinstance(value, list):
        return "list", tuple(map(identity, value))
    if isinstance(value, dict):
        return "object", frozenset((key, identity(one)) for key, one in value.items())
    return "text", value


def type_of(value: Any) -> str:
    """Return the type of a JSON value."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES[type(value)]
