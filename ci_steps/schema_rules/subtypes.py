"""Schemas that extend one with a discriminator: where that one is, each of them may be.

They name it in their allOf, and nothing in it names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ci_steps.documents.node import Node
from ci_steps.schema_rules.kinds import KEYWORDS
from ci_steps.schema_rules.schema import NAMING, Schema, members

if TYPE_CHECKING:
    from ci_steps.documents.node import Document, Path

# Where a document of OpenAPI, or of Swagger 2.0, has schemas by name.
_NAMED = (("components", "schemas"), ("definitions",))
_NAMES = {(name,) for name in NAMING}


def has_subtypes(schema: Schema) -> bool:
    """Return whether others that extend a schema may stand for it."""
    return any(_extended(node) for node in schema.written)


def subtypes_of(schema: Schema) -> dict[str, Node]:
    """Return the schemas that extend one with a discriminator, by name, each once.

    Cost: all schemas of its document are looked through, once.
    """
    found: dict[str, Node] = {}
    for extended in (one for written in schema.written for one in _extended(written)):
        children = _children(extended.document)
        waiting = [extended]
        while waiting:
            for child in children.get(waiting.pop().path, ()):
                if child.name not in found:
                    found[child.name] = child
                    waiting.append(child)
    return found


def _extended(node: Node) -> list[Node]:
    """Return the schemas with a discriminator that *node* is, or that it only puts texts around.

    One with a name, which names them in its allOf, is what extends them.
    """
    value = node.value
    if not isinstance(value, dict):
        return []
    if "discriminator" in value:
        return [node] if KEYWORDS.isdisjoint(value) else []
    if ("allOf" not in value and "$ref" not in value) or node.path[-2:-1] in _NAMES:
        return []
    around = [node] if "$ref" in value else members(node, "allOf")
    targets = (one.resolved() for one in around)
    return [one for target in targets if target is not node for one in _extended(target)]


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
