"""What both versions of AsyncAPI write alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ci_steps.asyncapi_rules.description import Message, Operation
from ci_steps.documents.node import Node
from ci_steps.schema_rules.schema import Schema

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_PROTOCOL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def entries(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """Yield what is under *key* by name, without extensions."""
    found = node.get(key)
    for name, one in found.entries() if found is not None else ():
        if not name.startswith("x-"):
            yield name, one


def listed(node: Node, key: str) -> tuple[Node, ...]:
    """Return what *key* lists."""
    found = node.get(key)
    return tuple(found.items()) if found is not None else ()


def text(node: Node | None) -> str:
    """Return the text that a node is, or nothing."""
    return node.value if node is not None and isinstance(node.value, str) else ""


def without_names(address: str) -> str:
    """Return an address with unnamed parameters: ``orders/{}``."""
    return _VARIABLE.sub("{}", address)


def without_protocol(url: str) -> str:
    """Return the address of a server as both versions mean it."""
    return _PROTOCOL.sub("", url).rstrip("/")


def parameters(channel: Node, address: str) -> tuple[Node | None, ...]:
    """Return what is said of each parameter of an address, in their order."""
    found = dict(entries(channel, "parameters"))
    return tuple(
        found[name].resolved() if name in found else None for name in _VARIABLE.findall(address)
    )


def parts(node: Node, *, traits_win: bool) -> tuple[Node, ...]:
    """Return a message or operation and its traits, whatever wins first."""
    traits = tuple(trait.resolved() for trait in reversed(listed(node, "traits")))
    return (*traits, node) if traits_win else (node, *traits)


def first(nodes: Iterable[Node], key: str) -> Node | None:
    """Return what the first of *nodes* that has it says under *key*."""
    found = (one for node in nodes if (one := node.get(key)) is not None)
    return next(found, None)


def schema_of(nodes: Sequence[Node]) -> Schema | None:
    """Return what *nodes* say together; beside a `$ref` nothing counts, as in draft 7."""
    return Schema(tuple(nodes)) if nodes else None


def bindings(nodes: Iterable[Node]) -> dict[str, Node]:
    """Return the bindings of all *nodes* by protocol; the first one wins."""
    found: dict[str, Node] = {}
    for node in nodes:
        written = node.get("bindings")
        for protocol, one in written.resolved().entries() if written is not None else ():
            found.setdefault(protocol, one)
    return found


def message(name: str, node: Node, nodes: Sequence[Node], usual_type: str) -> Message:
    """Return the message that *nodes*, itself and its traits, describe."""
    payload, schema_format = _payload(nodes)
    headers = [headers for one in nodes if (headers := one.get("headers")) is not None]
    correlation = first(nodes, "correlationId")
    return Message(
        name,
        node,
        (text(first(nodes, "contentType")) or usual_type).lower(),
        schema_format,
        schema_of([payload] if payload else []),
        schema_of(headers),
        correlation.resolved().get("location") if correlation else None,
        bindings(nodes),
    )


def joined(operations: Iterable[Operation]) -> dict[bool, Operation]:
    """Return what is received and what is sent, however many operations describe it."""
    found: dict[bool, Operation] = {}
    for one in operations:
        known = found.setdefault(one.is_received, one)
        if known is not one:
            messages = {**one.messages, **known.messages}
            found[one.is_received] = replace(known, messages=messages)
    return found


def by_name(messages: Iterable[Message]) -> Mapping[str, Message]:
    """Return messages by name; those of one name are numbered."""
    found: dict[str, Message] = {}
    for one in messages:
        name = one.name
        while name in found:
            name += "'"
        found[name] = one
    return found


def _payload(nodes: Sequence[Node]) -> tuple[Node | None, str]:
    """Return the schema of the payload, and its format where it is told."""
    payload = first(nodes, "payload")
    outer = text(first(nodes, "schemaFormat"))
    if payload is not None:
        inner = payload.resolved()
        schema = inner.get("schema")
        if schema is not None and inner.get("schemaFormat") is not None:
            return schema, text(inner.get("schemaFormat"))
    return payload, outer
