"""How AsyncAPI 3 writes it: operations beside channels, named from the side of the service."""

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

_RECEIVED = {"receive": True, "send": False}


def read(root: Node) -> Description:
    """Return the description of a document."""
    operations = list(_operations(root))
    channels = (_channel(node, operations) for _, node in reading.entries(root, "channels"))
    servers = (_server(node.resolved()) for _, node in reading.entries(root, "servers"))
    return Description(
        root,
        {one.address: one for one in servers},
        {reading.without_names(one.address): one for one in channels},
    )


def _server(node: Node) -> Server:
    host, path = (reading.text(node.get(key)) for key in ("host", "pathname"))
    return Server(
        reading.without_protocol(host + path),
        reading.text(node.get("protocol")),
        node,
        tuple(_choices(node)),
        reading.bindings([node]),
    )


def _channel(written: Node, operations: list[tuple[Node, Operation]]) -> Channel:
    node = written.resolved()
    address = _address(node)
    return Channel(
        address,
        written,
        reading.parameters(node, address),
        reading.bindings([node]),
        reading.joined(one for channel, one in operations if channel.place == node.place),
    )


def _address(channel: Node) -> str:
    """Return the address; a channel without one is known by its name alone."""
    return reading.text(channel.get("address")) or channel.name


def _operations(root: Node) -> Iterator[tuple[Node, Operation]]:
    """Yield operations with their channels, a reply as an operation the other way round."""
    for _, written in reading.entries(root, "operations"):
        node = written.resolved()
        is_received = _RECEIVED.get(reading.text(node.get("action")))
        channel = node.get("channel")
        if is_received is None or channel is None:
            continue
        yield channel.resolved(), _operation(root, node, channel.resolved(), is_received)
        reply = node.get("reply")
        if reply is not None:
            back = reply.resolved()
            place = (back.get("channel") or channel).resolved()
            yield place, _operation(root, back, place, not is_received)


def _operation(root: Node, node: Node, channel: Node, is_received: bool) -> Operation:  # noqa: FBT001
    return Operation(
        _address(channel),
        is_received,
        node,
        reading.by_name(_messages(root, node, channel)),
        tuple(_choices(node)),
        reading.bindings(reading.parts(node, traits_win=False)),
    )


def _messages(root: Node, operation: Node, channel: Node) -> Iterator[Message]:
    """Yield the messages of an operation: those that it lists, or else all of its channel."""
    usual_type = reading.text(root.get("defaultContentType"))
    of_channel = dict(reading.entries(channel, "messages"))
    names = {node.resolved().place: name for name, node in of_channel.items()}
    chosen = reading.listed(operation, "messages")
    for written in chosen or of_channel.values():
        node = written.resolved()
        nodes = reading.parts(node, traits_win=False)
        name = reading.text(node.get("name")) or names.get(node.place, node.name)
        yield reading.message(name, node, nodes, usual_type)


def _choices(node: Node) -> Iterator[Choice]:
    """Yield the schemes of which one is enough."""
    for one in reading.listed(node, "security"):
        scheme = one.resolved()
        scopes = frozenset(str(scope.value) for scope in reading.listed(scheme, "scopes"))
        yield Choice(
            one.get("$ref") or one, {scheme.name or reading.text(scheme.get("type")): scopes}
        )
