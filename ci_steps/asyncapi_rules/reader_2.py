"""How AsyncAPI 2 writes it: operations below channels, named from the side of the callers."""

from __future__ import annotations

from collections.abc import Iterator

from ci_steps.asyncapi_rules import reading
from ci_steps.asyncapi_rules.description import (
    Channel,
    Choice,
    Description,
    Message,
    Operation,
    Server,
)
from ci_steps.documents.node import Node

# What callers publish is received by the service, and what they subscribe to is sent by it.
_RECEIVED = {"publish": True, "subscribe": False}


def read(root: Node) -> Description:
    """Return the description of a document."""
    channels = (
        _channel(root, address, node) for address, node in reading.entries(root, "channels")
    )
    servers = (_server(node.resolved()) for _, node in reading.entries(root, "servers"))
    return Description(
        root,
        {one.address: one for one in servers},
        {reading.without_names(one.address): one for one in channels},
    )


def _server(node: Node) -> Server:
    return Server(
        reading.without_protocol(reading.text(node.get("url"))),
        reading.text(node.get("protocol")),
        node,
        tuple(_choices(node)),
        reading.bindings([node]),
    )


def _channel(root: Node, address: str, written: Node) -> Channel:
    node = written.resolved()
    operations = (
        _operation(root, address, is_received, found)
        for key, is_received in _RECEIVED.items()
        if (found := node.get(key)) is not None
    )
    return Channel(
        address,
        written,
        reading.parameters(node, address),
        reading.bindings([node]),
        reading.joined(operations),
    )


def _operation(root: Node, address: str, is_received: bool, node: Node) -> Operation:  # noqa: FBT001
    return Operation(
        address,
        is_received,
        node,
        reading.by_name(_messages(root, node)),
        tuple(_choices(node)),
        reading.bindings(reading.parts(node, traits_win=True)),
    )


def _messages(root: Node, operation: Node) -> Iterator[Message]:
    written = operation.get("message")
    if written is None:
        return
    usual_type = reading.text(root.get("defaultContentType"))
    for one in reading.listed(written.resolved(), "oneOf") or (written,):
        node = one.resolved()
        nodes = reading.parts(node, traits_win=True)
        yield reading.message(_name(node), node, nodes, usual_type)


def _name(node: Node) -> str:
    is_component = node.path[:2] == ("components", "messages")
    told = reading.text(node.get("messageId")) or reading.text(node.get("name"))
    return told or (node.name if is_component else "")


def _choices(node: Node) -> Iterator[Choice]:
    for one in reading.listed(node, "security"):
        needs = {name: frozenset(map(str, scopes.value or ())) for name, scopes in one.entries()}
        yield Choice(next((node for _, node in one.entries()), one), needs)
