"""Which changes of an HTTP API touch somebody whose calls are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Level
from ci_steps.openapi_rules.called import not_found, operations_of
from ci_steps.openapi_rules.description import without_names
from ci_steps.openapi_rules.sought import Sought
from ci_steps.openapi_rules.used import Places
from ci_steps.uses.narrowed import Narrowed, narrowed
from ci_steps.uses.values import Field, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.comparisons.changes import Change, Location
    from ci_steps.documents.node import Node
    from ci_steps.openapi_rules.description import Api, Media, Operation, Response
    from ci_steps.uses.values import Call, Uses

# They ask for what nobody needed to send, or say something else of what is not sent.
_DEMANDS = re.compile(r"became-required|became-not-read-only|default-value")
_NEW_DEMANDS = re.compile(r"new-required-request-(?!property)")
# They stand at what they are about, so that one at another place is about something else.
_IS_PLACED = re.compile(
    r"(new-required-)?(request|response)-(body|property|parameter|header|required|optional)\b.*"
)
_WAYS = ("request", "response")
_FOR_EVERYBODY = (
    *("servers", "host", "basePath", "schemes", "security", "webhooks", "x-webhooks"),
    *("consumes", "produces", "securityDefinitions"),
)


def narrow(changes: Sequence[Change], uses: Uses, api: Api) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of *api*, the old one; in doubt all."""
    sought = Sought(api.root, (one.old for one in changes if one.old is not None))
    used = _Used(api, {way: Places(sought) for way in _WAYS})
    used.doubts += [f"{name} is no operation of HTTP" for name in uses.names]
    used.doubts += [f"{file} is of another format" for file in (*uses.documents, *uses.interfaces)]
    used.is_lost = bool(used.doubts)
    used.take_for_everybody()
    for call in uses.calls:
        used.take(call)
    return narrowed(changes, used.touches, used.doubts)


@dataclass
class _Used:
    """What calls use of an API; `is_lost` if nobody can say where one of them is."""

    api: Api
    ways: Mapping[str, Places]
    operations: set[str] = field(default_factory=set)
    unused: set[Location] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    reached: dict[tuple[str, ...], bool] = field(default_factory=dict)
    is_lost: bool = False

    def take_for_everybody(self) -> None:
        """Take what is about every call, and what the service calls by itself."""
        root = self.api.root
        nodes = [root.get(key) for key in _FOR_EVERYBODY]
        nodes.append(root.at("components", "securitySchemes"))
        for node in filter(None, nodes):
            self._take_whole(node)
        self.operations |= {_known_as(str(one)) for one in self.api.webhooks.values()}

    def take(self, call: Call) -> None:
        """Take a call; what of it is not in the contract is a doubt."""
        found = operations_of(self.api, call)
        if not found:
            self.doubts.append(not_found(self.api, call))
            self.is_lost = True
        for operation in found:
            self.operations.add(_known_as(str(operation)))
            missing = [*self._take_operation(operation, call)]
            if missing:
                self.doubts += [f"{operation}: {one} is not in the contract" for one in missing]
                self._take_whole(operation.node, *_of_path(operation))

    def touches(self, change: Change) -> bool:
        """Return whether *change* is about anything that is used; in doubt it is."""
        if self.is_lost:
            return True
        if change.reaches and not self._is_reached(change.reaches):
            return False
        ways = [way for way in _WAYS if way in change.rule.split("-")] or _WAYS
        is_used = any(change.old in self.ways[way].used for way in ways)
        return is_used or self._asks(change) or not self._is_elsewhere(change)

    def _asks(self, change: Change) -> bool:
        """Return whether a change asks for what nobody had to send."""
        if _NEW_DEMANDS.match(change.rule):
            return True
        is_demand = "request" in change.rule and _DEMANDS.search(change.rule)
        return bool(is_demand) and change.old in self.ways["request"].nearby

    def _is_elsewhere(self, change: Change) -> bool:
        """Return whether a change that is at no used place is surely about something else."""
        if change.level is Level.COMPATIBLE or change.old in self.unused:
            return True
        return change.old is not None and _IS_PLACED.fullmatch(change.rule) is not None

    def _is_reached(self, reaches: tuple[str, ...]) -> bool:
        """Return whether one of the operations is used, or is none that is known."""
        if reaches not in self.reached:
            named = set(map(_known_as, reaches))
            self.reached[reaches] = bool(named & self.operations) or not named <= self._known
        return self.reached[reaches]

    @cached_property
    def _known(self) -> set[str]:
        return {_known_as(str(one)) for one in self.api.operations.values()}

    def _take_whole(self, *nodes: Node) -> None:
        for places in self.ways.values():
            places.take_whole(*nodes)

    def _take_operation(self, operation: Operation, call: Call) -> Iterator[str]:
        """Take what a call uses of an operation; yield what of it there is not."""
        for places in self.ways.values():
            places.used.add(operation.item.location)
            places.take_node(operation.node)
            places.take_whole(*filter(None, map(operation.node.get, ("security", "callbacks"))))
        yield from self._take_parameters(operation, call)
        yield from self._take_body(operation, call)
        yield from self._take_responses(operation, call)

    def _take_parameters(self, operation: Operation, call: Call) -> Iterator[str]:
        sent = {"query": call.query, "header": call.headers}
        names = {(one.place, one.name.lower()) for one in operation.parameters}
        for parameter in operation.parameters:
            given = sent.get(parameter.place)
            if given is None or any(_is_named(parameter.name, one) for one in given):
                self.ways["request"].take_whole(parameter.node)
                continue
            own = {parameter.node.location}
            own |= {inner.location for _, inner in parameter.node.entries()}
            own |= parameter.schema.locations() if parameter.schema else frozenset()
            self.ways["request"].nearby |= own
            self.unused |= own
        for name in call.query or ():
            if not any(_is_named(known, name) for place, known in names if place == "query"):
                yield f"the query parameter {name}"

    def _take_body(self, operation: Operation, call: Call) -> Iterator[str]:
        body = operation.body
        if body is None:
            if call.sends:
                yield "a body of the request"
            return
        self.ways["request"].take_node(body.node)
        for media in body.media.values():
            self.ways["request"].take_node(media.node)
        yield from self._take_fields(
            self.ways["request"], [*body.media.values()], call.sends, "the field {} of the request"
        )

    def _take_responses(self, operation: Operation, call: Call) -> Iterator[str]:
        used = [*_answered(operation, call.status)]
        for response in operation.responses.values():
            if response not in used:
                self.unused |= _shallow(response)
        if call.status and not used:
            yield f"the status {call.status}"
        for response in used:
            self.ways["response"].take_node(response.node)
            for media in response.media.values():
                self.ways["response"].take_node(media.node)
            for name, header in response.headers.items():
                if call.reads_headers is None or name in call.reads_headers:
                    self.ways["response"].take_whole(header.node)
                else:
                    self.unused |= {header.node.location}
        media_types = [media for response in used for media in response.media.values()]
        yield from self._take_fields(
            self.ways["response"], media_types, call.reads, "the field {} of the response"
        )

    def _take_fields(
        self, places: Places, media: list[Media], fields: tuple[Field, ...] | None, said: str
    ) -> Iterator[str]:
        """Take fields of bodies; each must be in one of them, for an error has others."""
        schemas = [one.schema for one in media if one.schema is not None]
        for schema in schemas:
            places.take_surface(schema)
        for way in ((),) if fields is None else fields:
            found = [places.take(schema, way) for schema in schemas]
            if fields is not None and not any(found) and (schemas or not media):
                yield said.format(written(way))


def _of_path(operation: Operation) -> tuple[Node, ...]:
    found = operation.item.get("parameters")
    return () if found is None else (found,)


def _answered(operation: Operation, status: str) -> Iterator[Response]:
    """Return the responses with a status, which a range or the default may stand for."""
    if not status:
        yield from operation.responses.values()
        return
    for written_as in (status, f"{status[:1]}XX", "default"):
        if written_as in operation.responses:
            yield operation.responses[written_as]
            return


def _shallow(response: Response) -> set[Location]:
    nodes = [response.node, response.node.resolved()]
    nodes += [inner for node in list(nodes) for _, inner in node.entries()]
    nodes += [media.node for media in response.media.values()]
    nodes += [header.node for header in response.headers.values()]
    return {node.location for node in nodes}


def _is_named(declared: str, sent: str) -> bool:
    """Return whether a parameter is the one; ``filter[a]`` is an entry of ``filter``."""
    return declared.lower() in {sent.lower(), sent.partition("[")[0].lower()}


@lru_cache(maxsize=20_000)
def _known_as(operation: str) -> str:
    method, _, template = operation.partition(" ")
    return f"{method.upper()} {without_names(template)}"
