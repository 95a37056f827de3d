"""Which references a value has, itself or below."""

from __future__ import annotations

from typing import Any, NamedTuple

from ci_steps.documents.node import Path
from ci_steps.documents.shapes import Shape, Shapes

_CONTAINERS: frozenset[type[Any]] = frozenset({dict, list})


class Links(NamedTuple):
    """References below a value: those that count in a request, and those in a response."""

    request: frozenset[str]
    response: frozenset[str]


class References:
    """The references of values of one shape, each looked for once."""

    def __init__(self, shapes: Shapes, shape: Shape) -> None:
        self._shapes, self._shape = shapes, shape
        # The look at a value keeps it, so that no other one gets its id.
        self._known: dict[int, Links] = {}

    def below(self, value: Any) -> Links:
        """Return the references of *value*; what is read-only counts in no request."""
        if _is_plain(value):
            return NO_LINKS
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = self._links(value)
        return known

    def _links(self, value: Any) -> Links:
        request, response = set[str](), set[str]()
        for path, reference, _ in self._shapes.references(value, self._shape):
            counts = counts_of(value, path)
            if counts[0]:
                request.add(reference)
            if counts[1]:
                response.add(reference)
        return Links(frozenset(request), frozenset(response)) if request or response else NO_LINKS


NO_LINKS = Links(frozenset(), frozenset())


def _is_plain(value: Any) -> bool:
    """Return whether it surely has none: most properties are a type and a length."""
    if value.__class__ is dict:
        return "$ref" not in value and _CONTAINERS.isdisjoint(map(type, value.values()))
    return value.__class__ is not list


def counts_of(value: Any, path: Path) -> tuple[bool, bool]:
    """Return whether what *path* leads to counts in requests, and whether in responses."""
    in_request = in_response = True
    for key in (None, *path):
        value = value if key is None else value[key]
        if value.__class__ is dict:
            in_request = in_request and value.get("readOnly") is not True
            in_response = in_response and value.get("writeOnly") is not True
    return in_request, in_response
