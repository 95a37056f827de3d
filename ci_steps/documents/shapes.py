"""Which shape a document has to have: what is of another one is refused, and not read as empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ci_steps.documents.node import Node, Path
from ci_steps.errors import ContractError

_CONTAINERS: frozenset[type[Any]] = frozenset({dict, list})
# What most values say beside what is read, and what swagger-core writes beside `type`.
_TEXTS = {"description", "summary", "title", "tags", "example", "examples", "default", "types"}
_LEAST_ALIKE = 0.82
_LEAST_KEYS = 2
_LONGEST = 40
# What is so deep is looked at as a whole, once for two releases: paths -> /pets -> get.
_LEVELS = 3
# Where a value is: where that is what it is in, and its key there; nothing for the whole.
_Trail = tuple[Any, ...]


@dataclass(frozen=True, eq=False, slots=True)
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


_Problem = tuple[Node, ContractError]
_Followed = tuple[str, str, Shape]


class Shapes:
    """Looks values through, each once: two releases share what is equal."""

    def __init__(self) -> None:
        # By identity: a look keeps its value, so that no other one gets the id.
        self._looks: dict[tuple[int, Shape], _Look] = {}

    def wrong(self, root: Node, shape: Shape) -> Iterator[ContractError]:
        """Yield what is wrong with a value, and with all that it refers to."""
        waiting, followed = [(root, shape)], set[_Followed]()
        while waiting:
            found: list[_Problem] = []
            for node, look in self._looks_at(*waiting.pop()):
                if look.problems:
                    found += _problems(node, look)
                if look.references:
                    found += _follow(node, look, followed, waiting)
            found.sort(key=lambda one: one[0].location)
            yield from (problem for _, problem in found)

    def references(self, value: Any, shape: Shape) -> list[tuple[Path, str, Shape]]:
        """Return path and text of every reference below a value, and the shape of what it means."""
        found = self._whole(value, shape).references
        return [(_path(trail), reference, wanted) for reference, wanted, trail in found]

    def _looks_at(self, root: Node, shape: Shape) -> Iterator[tuple[Node, _Look]]:
        waiting = [(root, shape)]
        while waiting:
            node, expected = waiting.pop()
            if len(node.path) >= _LEVELS:
                yield node, self._whole(node.value, expected)
                continue
            look = _Look(node.value, expected)
            look.take(is_deep=False)
            yield node, look
            path, document = node.path, node.document
            for part, one, (_, key) in look.waiting:
                waiting.append((Node(document, (*path, key), part), one))

    def _whole(self, value: Any, shape: Shape) -> _Look:
        key = id(value), shape
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = _Look(value, shape)
            look.take(is_deep=True)
        return look


class _Look:
    """What was seen of a value: what is wrong, and what it refers to, each with its trail."""

    __slots__ = ("problems", "references", "value", "waiting")

    def __init__(self, value: Any, shape: Shape) -> None:
        self.value = value
        self.problems: list[tuple[_Trail, str]] = []
        self.references: list[tuple[str, Shape, _Trail]] = []
        self.waiting: list[tuple[Any, Shape, _Trail]] = []
        if value.__class__ not in shape.types:
            self.problems.append(((), f"is {_said(value)}, not {shape.said}"))
        elif value.__class__ in _CONTAINERS:
            self.waiting.append((value, shape, ()))

    def take(self, *, is_deep: bool) -> None:
        """Look at what waits; *is_deep* also at its parts, which else wait then.

        Most of the time of a reading is spent here, so that it is one loop.
        """
        waiting = self.waiting
        while waiting:
            value, around, trail = waiting.pop()
            entries, others = self._entries(value, around, trail)
            known = around.keys
            for key, part in entries:
                shape = known.get(key, others)
                if shape is None:
                    if key not in _TEXTS and (meant := _meant(key, around)):
                        said = f"is not known, did you mean {meant}?"
                        self.problems.append(((trail, key), said))
                    continue
                kind = part.__class__
                if kind not in shape.types:
                    said = f"is {_said(part)}, not {shape.said}"
                    self.problems.append(((trail, key), said))
                elif kind is dict or (kind is list and shape.items is not None):
                    waiting.append((part, shape, (trail, key)))
            if not is_deep:
                return

    def _entries(self, value: Any, shape: Shape, trail: _Trail) -> tuple[Any, Shape | None]:
        """Return keys and parts of a value, and the shape of those that are not known by key."""
        if value.__class__ is list:
            return enumerate(value), shape.items
        if "$ref" in value and "$ref" in shape.keys and value["$ref"].__class__ is str:
            self.references.append((value["$ref"], shape, trail))
        elif shape.needs:
            missing = (key for key in shape.needs if key not in value)
            self.problems += [(trail, f"has no {key!r}") for key in missing]
        if shape.is_extensible:
            return [one for one in value.items() if one[0][:2] != "x-"], shape.others
        return value.items(), shape.others


@cache
def _meant(key: str, shape: Shape) -> str:
    """Return the key that was probably meant: whoever writes `gett` loses the operation."""
    from difflib import get_close_matches

    if len(shape.keys) < _LEAST_KEYS or key.startswith("x-"):  # what is not named is not read
        return ""
    known = {one.lower(): one for one in shape.keys}
    near = get_close_matches(key.lower(), known, n=1, cutoff=_LEAST_ALIKE)
    return known[near[0]] if near else ""


def _problems(node: Node, look: _Look) -> Iterator[_Problem]:
    for trail, said in look.problems:
        wrong = _at(node, trail, None)
        yield wrong, node.document.library.wrong(wrong, f"{_called(wrong)} {said}")


def _follow(
    node: Node, look: _Look, followed: set[_Followed], waiting: list[tuple[Node, Shape]]
) -> Iterator[_Problem]:
    """Follow each reference of a document once; yield those that lead nowhere, at every place."""
    for reference, shape, trail in look.references:
        link = node.document.file.name, reference, shape
        if link in followed:
            continue
        try:
            waiting.append((node.document.library.target(node, reference).resolved(), shape))
        except ContractError:
            yield from _nowhere(_at(node, trail, {"$ref": reference}))
        else:
            followed.add(link)


def _nowhere(node: Node) -> Iterator[_Problem]:
    """Yield why a reference leads nowhere, at its place."""
    try:
        node.resolved()
    except ContractError as error:
        yield node, error


def _at(node: Node, trail: _Trail, value: Any) -> Node:
    """Return what a trail leads to."""
    return Node(node.document, (*node.path, *_path(trail)), value)


def _path(trail: _Trail) -> Path:
    keys: list[str | int] = []
    while trail:
        trail, key = trail
        keys.append(key)
    return tuple(reversed(keys))


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
