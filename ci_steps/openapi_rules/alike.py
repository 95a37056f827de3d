"""Operations that are written alike: only what they refer to may differ, and most are."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import NamedTuple

from ci_steps.documents.node import Node, Path
from ci_steps.documents.references import counts_of
from ci_steps.documents.shapes import Shape
from ci_steps.openapi_rules.description import Api, Dialect, Operation
from ci_steps.openapi_rules.places import owner_of
from ci_steps.openapi_rules.shapes import OPENAPI_WORDING, SWAGGER_WORDING
from ci_steps.schema_rules.comparison import Comparison, same
from ci_steps.schema_rules.dialects import is_neutral
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Kind, Spot


class _Position(NamedTuple):
    """What a schema of an operation is of; `is_direct` says that it is a reference itself."""

    direction: Direction
    kind: Kind
    is_direct: bool
    is_text: bool = False


class _Link(NamedTuple):
    """A reference to a schema; *old* and *new* are in the documents that have it."""

    reference: str
    position: _Position
    old: Node
    new: Node


class Alike:
    """Two APIs in which the same text means the same."""

    def __init__(self, old: Api, new: Api) -> None:
        self._shapes = new.root.document.library.shapes
        self._is_swagger = new.dialect is Dialect.SWAGGER_2_0
        self._wording = SWAGGER_WORDING if self._is_swagger else OPENAPI_WORDING
        self._is_one_dialect = old.dialect is new.dialect
        self._known: dict[Hashable, int | None] = {}
        is_one_wording = self._is_swagger is (old.dialect is Dialect.SWAGGER_2_0)
        roots = old.root, new.root
        self._is_possible = is_one_wording and self._settled(roots, self._wording.everywhere)
        self.is_security_settled = self._is_possible and self._settled(roots, self._wording.schemes)

    def compare(self, old: Operation, new: Operation, walk: Comparison) -> bool:
        """Compare what two operations refer to; False if more than that may differ."""
        links = self._links_of(old, new) if self._is_possible else None
        if links is None:
            return False
        owner, is_known = owner_of(new), True
        for link in links:
            key = link.reference, link.position, link.old.document.file, link.new.document.file
            if key not in self._known:
                pair = old.api.schema(link.old), new.api.schema(link.new)
                self._known[key] = _compare_targets(link, *pair, owner, walk)
            number = self._known[key]
            if number is None:
                is_known = False
            else:
                walk.reach.add(owner, number)
        return is_known

    def _settled(self, roots: tuple[Node, Node], places: Mapping[tuple[str, ...], Shape]) -> bool:
        old, new = roots
        return all(
            self._is_settled(old.at(*keys), new.at(*keys), shape) for keys, shape in places.items()
        )

    def _is_settled(self, old: Node | None, new: Node | None, shape: Shape) -> bool:
        if old is None or new is None:
            return old is new
        return same(old.value, new.value) and not self._shapes.references(old.value, shape)

    def _links_of(self, old: Operation, new: Operation) -> list[_Link] | None:
        servers = old.item.value.get("servers"), new.item.value.get("servers")
        if old.template != new.template or not same(*servers):
            return None
        found = self._links(old.node, new.node, self._wording.operation, ())
        before, after = old.item.get("parameters"), new.item.get("parameters")
        if found is None or (before is None and after is None):
            return found
        if before is None or after is None:
            return None
        of_path = self._links(before, after, self._wording.parameters, ("parameters",))
        return None if of_path is None else found + of_path

    def _links(self, old: Node, new: Node, shape: Shape, around: Path) -> list[_Link] | None:
        """Return the references below two values; None if they differ in more than these."""
        if not same(old.value, new.value):
            return None
        if not self._is_one_dialect and not is_neutral(old.value):
            return None
        found: list[_Link] = []
        for path, reference, wanted in self._shapes.references(new.value, shape):
            position = _position((*around, *path), self._is_swagger)
            if position is not None:
                counts = counts_of(new.value, path)
                if counts[position.direction is Direction.RESPONSE]:
                    found.append(_Link(reference, position, old, new))
                continue
            if wanted not in self._wording.shared:
                return None
            one, other = (node.document.library.target(node, reference) for node in (old, new))
            below = self._links(one, other, wanted, (*around, *path))
            if below is None:
                return None
            found += below
        return found


def _compare_targets(
    link: _Link, old: Schema, new: Schema, owner: Hashable, walk: Comparison
) -> int | None:
    direction, kind, is_direct, is_text = link.position
    spot = Spot(direction, kind, owner, "", "", link.old, link.new, is_text=is_text)
    return walk.compare_targets(link.reference, old, new, spot, is_direct=is_direct)


@lru_cache(maxsize=1_000)
def _position(path: Path, is_swagger: bool) -> _Position | None:  # noqa: FBT001 (one place asks)
    """Return what a schema is of that is, or has, something at *path*; None for no schema."""
    direction, kind = Direction.RESPONSE, Kind.BODY
    match path:
        case ("parameters", _, *below):
            # In version 2.0 only the parameter that is the body refers to a schema.
            kind = Kind.BODY if is_swagger else Kind.PARAMETER
            direction = Direction.REQUEST
        case ("requestBody", *below):
            direction = Direction.REQUEST
        case ("responses", _, "headers", _, *below):
            kind = Kind.HEADER
        case ("responses", _, *below):
            pass
        case _:
            return None
    match below:
        case ("schema", *inner):
            return _Position(direction, kind, not inner, kind.is_text)
        case ("content", _, "schema", *inner):
            return _Position(direction, kind, not inner, kind is Kind.HEADER)
    return None
