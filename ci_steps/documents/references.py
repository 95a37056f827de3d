"""Which references a value has, itself or below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ci_steps.documents.node import Path

# What is under these is data of users, or a text; a property may have such a name, though.
_DATA = frozenset({"example", "examples", "default", "enum", "const", "description"})
# Keys of what is under these are names that users give.
_NAMED = frozenset(
    {
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "schemas",
        "responses",
        "parameters",
        "headers",
        "callbacks",
        "requestBodies",
        "paths",
        "webhooks",
    }
)
_CONTAINERS: frozenset[type[Any]] = frozenset({dict, list})
# What is asked for again and again is not deeper: paths -> /pets -> get -> responses.
_LEVELS = 4


class Links(NamedTuple):
    """References below a value: those that count in a request, and those in a response."""

    request: frozenset[str]
    response: frozenset[str]


class References:
    """The references of values, each looked through once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Links]] = {}

    def below(self, value: Any, *, has_names: bool = False, levels: int = _LEVELS) -> Links:
        """Return the references of *value*; what is read-only counts in no request."""
        if value.__class__ not in _CONTAINERS:
            return _NONE
        known = self._known.get(id(value))
        if known is None:
            links = self._parts(value, has_names, levels) if levels else _links(value, has_names)
            # The value is kept, so that no other one gets its id.
            known = self._known[id(value)] = value, links
        return known[1]

    def _parts(self, value: Any, has_names: bool, levels: int) -> Links:  # noqa: FBT001 (inner)
        own = _own(value, has_names)
        below = [
            self.below(part, has_names=is_named, levels=levels - 1)
            for _, part, is_named in _below(value, has_names)
        ]
        counts = _counts(value, has_names)
        return Links(
            own.request.union(*(one.request for one in below)) if counts[0] else frozenset(),
            own.response.union(*(one.response for one in below)) if counts[1] else frozenset(),
        )


_NONE = Links(frozenset(), frozenset())


def placed(value: Any) -> Iterator[tuple[Path, str]]:
    """Yield every reference with the path to what has it: slow, for what is wrong."""
    waiting: list[tuple[Path, Any, bool]] = [((), value, False)]
    seen: set[int] = set()
    while waiting:
        path, one, has_names = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for reference in _own(one, has_names).response:
            yield path, reference
        waiting += [((*path, key), part, named) for key, part, named in _below(one, has_names)]


def _links(value: Any, has_names: bool) -> Links:  # noqa: FBT001 (inner)
    request: set[str] = set()
    response: set[str] = set()
    waiting = [(value, has_names, (True, True))]
    while waiting:
        one, named, counts = waiting.pop()
        if one.__class__ is dict and not named:
            if "readOnly" in one or "writeOnly" in one:
                own = _counts(one, named)
                counts = counts[0] and own[0], counts[1] and own[1]
            reference = one.get("$ref")
            if reference.__class__ is str:
                if counts[0]:
                    request.add(reference)
                if counts[1]:
                    response.add(reference)
        waiting += [(part, is_named, counts) for _, part, is_named in _below(one, named)]
    return Links(frozenset(request), frozenset(response)) if request or response else _NONE


def _own(value: Any, has_names: bool) -> Links:  # noqa: FBT001 (inner)
    reference = value.get("$ref") if value.__class__ is dict and not has_names else None
    if reference.__class__ is not str:
        return _NONE
    found = frozenset({str(reference)})
    return Links(found, found)


def _counts(value: Any, has_names: bool) -> tuple[bool, bool]:  # noqa: FBT001 (inner)
    if value.__class__ is not dict or has_names:
        return True, True
    return value.get("readOnly") is not True, value.get("writeOnly") is not True


def _below(value: Any, has_names: bool) -> list[tuple[str | int, Any, bool]]:  # noqa: FBT001
    if isinstance(value, list):
        return [(i, part, False) for i, part in enumerate(value) if part.__class__ in _CONTAINERS]
    return [
        (key, part, key in _NAMED and not has_names)
        for key, part in value.items()
        if part.__class__ in _CONTAINERS and (has_names or (key not in _DATA and key[:2] != "x-"))
    ]
