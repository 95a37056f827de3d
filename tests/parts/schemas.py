"""Small JSON Schemas, edits of them, and values to try on them, for tests with hypothesis."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
_TEXTS = ("", "a", "b", "ab", "abc", "A")
_NUMBERS = (-1, 0, 1, 2, 3, 4, 6, 10, 1.5)
SCALARS: tuple[Any, ...] = (None, True, False, *_NUMBERS, *_TEXTS)
_LISTS: tuple[Any, ...] = (
    [],
    *([one] for one in SCALARS),
    *([one, other] for one, other in product((1, 3, "a", "ab", None), repeat=2)),
    [1, 2, 3],
    ["a", "b", "a", 1],
)
_OBJECTS: tuple[Any, ...] = (
    {},
    *({name: value} for name in NAMES for value in (*SCALARS, [], ["a"], {}, {"a": 1})),
    *({"a": one, "b": other} for one, other in product((1, "a", None), repeat=2)),
    *({"b": one, "c": other} for one, other in product((1, "a"), repeat=2)),
    {"a": "a", "b": "b", "c": "c"},
    {"a": 1, "b": 2, "c": 3},
)
VALUES: tuple[Any, ...] = (*SCALARS, *_LISTS, *_OBJECTS)

_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_ANY = st.deferred(lambda: _leaves)  # two levels show what more levels would
_MANY = st.lists(_ANY, min_size=1, max_size=3)
_NAME_LISTS = st.lists(st.sampled_from(NAMES), unique=True, max_size=2)
_TYPE_LISTS = st.lists(st.sampled_from(_TYPES), min_size=1, max_size=3, unique=True)
_BOUNDS = st.integers(0, 4)
# Every keyword with what it may say, by the type it is about; "" is any.
_KEYWORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "number": {
        "minimum": _BOUNDS,
        "maximum": _BOUNDS,
        "exclusiveMinimum": _BOUNDS,
        "exclusiveMaximum": _BOUNDS,
        "multipleOf": st.sampled_from([1, 2, 3]),
    },
    "string": {
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 3),
        "pattern": st.sampled_from(["^a", "b$", "^[a-z]*$"]),
    },
    "array": {
        "items": _ANY,
        "prefixItems": _MANY,
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 3),
        "uniqueItems": st.booleans(),
        "contains": _ANY,
    },
    "object": {
        "properties": st.dictionaries(st.sampled_from(NAMES), _ANY, max_size=3),
        "required": _NAME_LISTS,
        "additionalProperties": _ANY,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "[bc]"]), _ANY, max_size=1),
        "propertyNames": st.just({"pattern": "^[ab]$"}),
        "minProperties": st.integers(0, 2),
        "maxProperties": st.integers(0, 3),
        "dependentRequired": st.dictionaries(st.sampled_from(NAMES), _NAME_LISTS, max_size=1),
    },
    "": {
        "type": st.sampled_from(_TYPES) | _TYPE_LISTS,
        "enum": st.lists(st.sampled_from([None, True, 1, 3, "a", "ab"]), min_size=1, max_size=3),
        "const": st.sampled_from([None, 1, "a"]),
        "allOf": _MANY,
        "anyOf": _MANY,
        "oneOf": _MANY,
        "not": _ANY,
        "if": _ANY,
        "then": _ANY,
        "else": _ANY,
    },
}
_EVERY = {key: value for of_type in _KEYWORDS.values() for key, value in of_type.items()}


def _of_type(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    types = st.sampled_from(["integer", "number"]) if kind == "number" else st.just(kind)
    return st.fixed_dictionaries({"type": types}, optional=_KEYWORDS[kind])


_leaves: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    _of_type("number"),
    _of_type("string"),
    st.fixed_dictionaries({"enum": _EVERY["enum"]}),
    st.fixed_dictionaries({"type": _EVERY["type"]}),
)
schemas: st.SearchStrategy[Any] = st.one_of(
    _leaves,
    _of_type("object"),
    _of_type("array"),
    *(st.fixed_dictionaries({key: _EVERY[key]}) for key in ("allOf", "anyOf", "oneOf", "not")),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a schema, and one that it became by an edit or two."""
    old = draw(schemas)
    new = copy.deepcopy(old)
    for _ in range(draw(st.integers(1, 2))):
        new = _edited(draw, new)
    return old, new


def _edited(draw: st.DrawFn, schema: Any) -> Any:
    """Return *schema* with one keyword more, less or different, somewhere in it."""
    inner = [place for place in _places(schema) if isinstance(place, dict)]
    if not inner:
        return draw(schemas)
    place = draw(st.sampled_from(inner))
    keyword = draw(st.sampled_from([*place, *_EVERY] if place else sorted(_EVERY)))
    if keyword in place and draw(st.booleans()):
        del place[keyword]
    else:
        place[keyword] = draw(_EVERY[keyword])
    return schema


def _places(schema: Any) -> Iterator[Any]:
    """Yield a schema and those in it."""
    yield schema
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        if keyword in {"properties", "patternProperties"}:
            found = list(value.values())
        elif keyword in {"allOf", "anyOf", "oneOf", "prefixItems"}:
            found = value
        elif keyword in {"items", "contains", "additionalProperties", "not", "if", "then", "else"}:
            found = [value]
        else:
            found = []
        for one in found:
            yield from _places(one)
