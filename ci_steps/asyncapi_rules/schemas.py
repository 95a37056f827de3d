"""Payloads, headers and parameters, compared by what their schemas allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ci_steps.asyncapi_rules.changes import changed
from ci_steps.asyncapi_rules.description import Message, Operation
from ci_steps.comparisons.changes import Change, Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Kind, Spot


@dataclass(frozen=True)
class Schemas:
    """A comparison of schemas; shared ones are compared when all that reach them are known."""

    walk: Comparison

    def changes(self) -> Iterator[Change]:
        """Yield what was found in schemas."""
        self.walk.finish()
        yield from self.walk.found.changes(self.walk.reach)

    def compare_messages(
        self, operation: Operation, old: Message, new: Message
    ) -> Iterator[Change]:
        """Compare headers and payloads; yield a change where their languages differ."""
        subject = f"{operation} {new.name}".rstrip()
        owner = str(operation)
        self.walk.reach.operation(owner, owner)
        direction = Direction.REQUEST if operation.is_received else Direction.RESPONSE
        spot = Spot(direction, Kind.BODY, owner, subject, "the payload", old.node, new.node)
        yield from self._compare_payloads(old, new, spot)
        headers = f"{subject} headers"
        spot = Spot(direction, Kind.BODY, owner, headers, "the headers", old.node, new.node)
        self._compare(old.headers, new.headers, spot)

    def compare_parameters(self, address: str, old: Node, new: Node) -> None:
        """Compare a parameter of an address, which version 3 describes without a schema."""
        before, after = (one.get("schema") or one for one in (old, new))
        noun = f"the parameter `{new.name}` of the address"
        subject = f"{address} {new.name}"
        spot = Spot(Direction.REQUEST, Kind.PARAMETER, address, subject, noun, before, after)
        self._compare(Schema((before,)), Schema((after,)), spot)

    def _compare(self, old: Schema | None, new: Schema | None, spot: Spot) -> None:
        if old is not None or new is not None:
            self.walk.compare(old or Schema(()), new or Schema(()), spot)

    def _compare_payloads(self, old: Message, new: Message, spot: Spot) -> Iterator[Change]:
        if old.is_json and new.is_json:
            self._compare(old.payload, new.payload, spot)
        elif _language(old) != _language(new):
            places = map(_says_language, (old, new))
            text = f"the payload is in {_language(new)} instead of {_language(old)}"
            rule = "schema-format-changed"
            yield changed(rule, Level.BREAKING, spot.subject, text, *places)
        elif _content(old) != _content(new):
            place = new.payload.written[0] if new.payload else new.node
            reason = f"a payload in {_language(new)} is not looked into, and it is another one"
            raise place.document.library.wrong(place, reason)


def _says_language(message: Message) -> Node:
    """Return what says it: a key of the message in version 2, and of its payload in 3."""
    node = message.node
    return node.get("schemaFormat") or node.at("payload", "schemaFormat") or node


def _language(message: Message) -> str:
    """Return the format of a payload without its version."""
    return "JSON Schema" if message.is_json else message.schema_format.partition(";")[0]


def _content(message: Message) -> object:
    return [node.resolved().value for node in message.payload.written] if message.payload else []
