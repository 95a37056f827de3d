"""Schemas that extend one with a discriminator: where that one is, each of them may be.

They name it in their allOf, and nothing in it names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ci_steps.documents.node import Node
from ci_steps.schema_rules.kinds import KEYWORDS
from ci_steps.schema_rules.schema import Schema, members

if TYPE_CHECKING:
    from ci_steps.documents.node import Document, Path

# Where a document of OpenAPI, or of Swagger 2.0, has schemas by name.
_NAMED = (("components", "schemas"), ("definitions",))


def has_subtypes(schema: Schema) -> bool:
    """Return whether others that extend a schema may stand for it."""
    return any(map(_tells_apart, schema.written))


def subtypes_of(schema: Schema) -> dict[str, Node]:
    """Return the schemas that extend one with a discriminator, by name, each once.

    Cost: all schemas of its document are looked through, once.
    """
    found: dict[str, Node] = {}
    for written in filter(_tells_apart, schema.written):
        children = _children(written.document)
        waiting = [written]
        while waiting:
            for child in children.get(waiting.pop().path, ()):
                if child.name not in found:
                    found[child.name] = child
                    waiting.append(child)
    return found


def _tells_apart(node: Node) -> bool:
    value = node.value
    return isinstance(value, dict) and "discriminator" in value and KEYWORDS.isdisjoint(value)


def _children(document: Document) -> Mapping[Path, list[Node]]:
    """Return the schemas of a document by those that they extend."""
    known, name = document.library.extending, document.file.name
    if name not in known:
        known[name] = {}
        for child, parent in _extensions(document):
            known[name].setdefault(parent.path, []).append(child)
    return known[name]


def _extensions(document: Document) -> Iterator[tuple[Node, Node]]:
    """Yield each schema of a document that extends another one of it, and that one."""
    for child in _schemas(document):
        for member in members(child, "allOf"):
            reference = member.value.get("$ref") if member.is_mapping else None
            if isinstance(reference, str):
                parent = document.library.target(member, reference)
                if parent.document.file.name == document.file.name:
                    yield child, parent


def _schemas(document: Document) -> Iterator[Node]:
    for keys in _NAMED:
        named = document.root.at(*keys)
        yield from (node for _, node in named.entries()) if named is not None else ()
