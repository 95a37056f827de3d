"""Which shape a document has to have: what is of another one is refused, and not read as empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ci_steps.documents.node import Node
from ci_steps.errors import ContractError

_CONTAINERS: frozenset[type[Any]] = frozenset({dict, list})
_LONGEST = 40
# What two releases share is not deeper: paths -> /pets -> get -> responses.
_LEVELS = 4
# Where a value is: where that is what it is in, and its key there; nothing for the whole.
_Trail = tuple[Any, ...]
_Problem = tuple[Node, str]


@dataclass(frozen=True, eq=False)
class Shape:
    """What a value has to be: one of `types`, and each part of it of a shape of its own.

    `keys` are parts with a name of their own, `others` all others of a mapping (with
    `is_extensible` those that begin with ``x-`` are anything), `items` those of a list; what
    `needs` names must be there, unless a `$ref` says it. A shape is what it is by identity, so
    that it may contain itself.
    """

    said: str
    types: frozenset[type[Any]]
    keys: Mapping[str, Shape] = field(default_factory=dict)
    others: Shape | None = None
    items: Shape | None = None
    needs: tuple[str, ...] = ()
    is_extensible: bool = False


TEXT = Shape("a text", frozenset({str}))
FLAG = Shape("true or false", frozenset({bool}))
NUMBER = Shape("a number", frozenset({int, float}))
LIST = Shape("a list", frozenset({list}))
TEXTS = Shape("a list of texts", frozenset({list}), items=TEXT)


def mapping(keys: Mapping[str, Shape], *needs: str) -> Shape:
    """Return the shape of a mapping with known keys."""
    return Shape("a mapping", frozenset({dict}), keys, needs=needs)


def mapping_of(shape: Shape, *, is_extensible: bool = False) -> Shape:
    """Return the shape of a mapping from names to one shape."""
    keys = {"$ref": TEXT} if is_extensible else {}
    types = frozenset({dict})
    return Shape("a mapping", types, keys, others=shape, is_extensible=is_extensible)


def list_of(shape: Shape) -> Shape:
    """Return the shape of a list."""
    return Shape("a list", frozenset({list}), items=shape)


class Shapes:
    """Looks values through, each once: two releases share what is equal."""

    def __init__(self) -> None:
        # Values are kept, so that no other one gets the id of one that was seen.
        self._seen: dict[tuple[int, int], Any] = {}

    def wrong(self, root: Node, shape: Shape) -> Iterator[ContractError]:
        """Yield what is wrong with a value, and with all that it refers to."""
        waiting = [(root, shape)]
        while waiting:
            node, expected = waiting.pop()
            if self.is_new(node.value, expected):
                found = _Look(self, node, waiting).problems(expected)
                for wrong, reason in sorted(found, key=lambda one: one[0].location):
                    yield wrong.document.library.wrong(wrong, reason)

    def is_new(self, value: Any, shape: Shape) -> bool:
        """Return whether a value was not looked at before."""
        key = id(value), id(shape)
        if key in self._seen:
            return False
        self._seen[key] = value
        return True


@dataclass(frozen=True)
class _Look:
    """One look at a value; what it refers to is to be looked at later."""

    shapes: Shapes
    node: Node
    later: list[tuple[Node, Shape]]

    def problems(self, shape: Shape) -> Iterator[_Problem]:
        """Yield what is wrong, without recursion."""
        waiting: list[tuple[Any, Shape, _Trail, int]] = []
        if self.node.value.__class__ not in shape.types:
            yield self._wrong(self.node.value, shape, ())
        else:
            waiting.append((self.node.value, shape, (), len(self.node.path)))
        while waiting:
            value, shape, trail, level = waiting.pop()
            if value.__class__ is dict and (shape.needs or "$ref" in value):
                yield from self._check_keys(value, shape, trail)
            for key, part, expected in _parts(value, shape):
                if part.__class__ not in expected.types:
                    yield self._wrong(part, expected, (trail, key))
                elif part.__class__ in _CONTAINERS and (
                    level > _LEVELS or self.shapes.is_new(part, expected)
                ):
                    waiting.append((part, expected, (trail, key), level + 1))

    def _check_keys(self, value: dict[str, Any], shape: Shape, trail: _Trail) -> Iterator[_Problem]:
        """Follow a reference, or else look for what is missing."""
        reference = value.get("$ref") if "$ref" in shape.keys else None
        if reference.__class__ is str:
            try:
                target = self._at(trail, value).resolved()
            except ContractError:
                return  # Whoever checks references tells it.
            self.later.append((target, shape))
            return
        for key in shape.needs:
            if key not in value:
                node = self._at(trail, value)
                yield node, f"{_called(node)} has no '{key}'"

    def _wrong(self, value: Any, shape: Shape, trail: _Trail) -> _Problem:
        node = self._at(trail, value)
        return node, f"{_called(node)} is {_said(value)}, not {shape.said}"

    def _at(self, trail: _Trail, value: Any) -> Node:
        keys: list[Any] = []
        while trail:
            trail, key = trail
            keys.append(key)
        return Node(self.node.document, (*self.node.path, *reversed(keys)), value)


def _parts(value: Any, shape: Shape) -> list[tuple[Any, Any, Shape]]:
    """Return key, value and shape of every part that has one."""
    keys, others, items = shape.keys, shape.others, shape.items
    if value.__class__ is list:
        return [(at, part, items) for at, part in enumerate(value)] if items is not None else []
    if others is None:
        return [(key, part, keys[key]) for key, part in value.items() if key in keys]
    return [
        (key, part, keys.get(key, others))
        for key, part in value.items()
        if not (shape.is_extensible and key[:2] == "x-")
    ]


def _called(node: Node) -> str:
    """Return what people call a place: ``get.responses``, ``parameters[0]``."""
    parts = node.path[-2:]
    if not parts:
        return "the document"
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts
    ).removeprefix(".")


def _said(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "a mapping"
    text = "empty" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
