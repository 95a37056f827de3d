"""Kinds that are only values, or only types: an enum, or a list of types, written one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ci_steps.documents.node import Document, File, Node, Path
from ci_steps.schema_rules.kinds import Kinds, lists_of, rest_of
from ci_steps.schema_rules.schema import TEXTS, Schema

_NULL = {"type": "null"}
_OF_TYPES = (TEXTS | {"type", "deprecated"}) - {"$ref"}
_OF_VALUES = _OF_TYPES | {"enum", "const"}


def as_values(schema: Schema) -> Schema:
    """Return a schema whose kinds are all values with these as an enum, any other one as it is."""
    listed = _only_list(schema)
    if listed is None or "enum" in schema.keywords:
        return schema
    values = [list(_values(node)) for node in listed.nodes]
    if not all(values) or all(node.value == _NULL for node in listed.nodes):
        return schema
    return _together(schema, listed, tuple(one for several in values for one in several))


def as_types(schema: Schema) -> Schema:
    """Return a schema whose kinds are all types with a list of these, any other one as it is."""
    listed = _only_list(schema)
    if listed is None or not all(map(_is_type, listed.nodes)):
        return schema
    return _together(schema, listed, ())


def _only_list(schema: Schema) -> Kinds | None:
    lists = lists_of(schema)
    return lists[0] if len(lists) == 1 and "type" not in lists[0].facet.value else None


def _values(kind: Node) -> Iterator[Node]:
    """Yield the values of a kind that says nothing else."""
    if not kind.is_mapping or not _OF_VALUES.issuperset(kind.value):
        return
    enum, const = kind.get("enum"), kind.get("const")
    if kind.value == _NULL:
        yield Node(kind.document, kind.path, None)
    elif const is not None and enum is None:
        yield const
    elif enum is not None and const is None:
        yield from enum.items()


def _is_type(kind: Node) -> bool:
    return kind.is_mapping and "type" in kind.value and _OF_TYPES.issuperset(kind.value)


def _together(schema: Schema, listed: Kinds, values: tuple[Node, ...]) -> Schema:
    """Return a schema with one list of values, or of types, for its kinds."""
    facet = listed.facet
    said: dict[str, Any] = {"enum": [one.value for one in values]} if values else {}
    types = [kind.value.get("type") for kind in listed.nodes]
    if None not in types:
        said["type"] = [name for one in types for name in (one if isinstance(one, list) else [one])]
    file = _ListFile(facet.path, values, said, facet.document.file)
    node = Node(Document(file, facet.document.library), facet.path, said)
    return schema.of(node, *rest_of(schema, listed))


@dataclass(frozen=True)
class _ListFile:
    """What the kinds of the schema at `around` come to; each value stands where its kind does."""

    around: Path
    values: tuple[Node, ...]
    value: Any
    file: File

    @property
    def name(self) -> str:
        """The name of the file they are in."""
        return self.file.name

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column of a value, and of the schema for all else."""
        match path[len(self.around) :]:
            case ("enum", int(index), *_):
                node = self.values[index]
                return node.document.file.position(node.path)
        return self.file.position(self.around)
