"""An API of messages: its servers and channels, what the service receives there, what it sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ci_steps.documents.node import Node
from ci_steps.schema_rules.schema import Schema

# A format that is not named is AsyncAPI's own, which is JSON Schema and a little more.
_OF_JSON = (
    "application/vnd.aai.asyncapi",
    "application/schema+",
    "application/vnd.oai.openapi",
)


@dataclass(frozen=True)
class Choice:
    """One way to be let in: the schemes that are needed together, each with its scopes."""

    node: Node
    needs: Mapping[str, frozenset[str]]

    def asks_no_more_than(self, other: Choice) -> bool:
        """Return whether who satisfies *other* satisfies this one."""
        nothing: frozenset[str] = frozenset()
        return self.needs.keys() <= other.needs.keys() and all(
            scopes <= other.needs.get(name, nothing) for name, scopes in self.needs.items()
        )


@dataclass(frozen=True, eq=False)
class Message:
    """A kind of message; what its traits say is part of it."""

    name: str
    node: Node
    content_type: str
    schema_format: str
    payload: Schema | None
    headers: Schema | None
    correlation: Node | None
    bindings: Mapping[str, Node]

    @property
    def is_json(self) -> bool:
        """Whether its payload is described by JSON Schema."""
        return not self.schema_format or self.schema_format.startswith(_OF_JSON)

    @property
    def schemas(self) -> tuple[Node, ...]:
        """The nodes that are JSON Schema."""
        written = (self.payload if self.is_json else None, self.headers)
        return tuple(node for schema in written if schema for node in schema.written)


@dataclass(frozen=True, eq=False)
class Operation:
    """Everything that the service receives on a channel, or everything that it sends there."""

    address: str
    is_received: bool
    node: Node
    messages: Mapping[str, Message]
    security: tuple[Choice, ...]
    bindings: Mapping[str, Node]

    def __str__(self) -> str:
        """Return it as people call it: ``receive orders/{id}``."""
        return f"{'receive' if self.is_received else 'send'} {self.address}"


@dataclass(frozen=True, eq=False)
class Channel:
    """A place for messages; `parameters` are in the order of the address."""

    address: str
    node: Node
    parameters: tuple[Node | None, ...]
    bindings: Mapping[str, Node]
    operations: Mapping[bool, Operation]


@dataclass(frozen=True, eq=False)
class Server:
    """Where the channels are; `address` has no protocol in front."""

    address: str
    protocol: str
    node: Node
    security: tuple[Choice, ...]
    bindings: Mapping[str, Node]


@dataclass(frozen=True, eq=False)
class Description:
    """A document; channels are known by their addresses without the names in them."""

    root: Node
    servers: Mapping[str, Server]
    channels: Mapping[str, Channel]

    def messages(self) -> Iterator[Message]:
        """Yield the messages of all channels."""
        for channel in self.channels.values():
            for operation in channel.operations.values():
                yield from operation.messages.values()
