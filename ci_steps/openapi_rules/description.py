"""An HTTP API: its operations, what they take and what they answer with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from ci_steps.documents.node import Node
from ci_steps.schema_rules.schema import Schema

if TYPE_CHECKING:
    from ci_steps.openapi_rules.reader import Reader

_VARIABLE = re.compile(r"\{[^{}/]*\}")


class Dialect(Enum):
    """A version of OpenAPI; they differ in what schemas say and where bodies are."""

    SWAGGER_2_0 = "2.0"
    OPENAPI_3_0 = "3.0"
    OPENAPI_3_1 = "3.1"

    @property
    def is_json_schema(self) -> bool:
        """Whether its schemas are those of JSON Schema."""
        return self is Dialect.OPENAPI_3_1


@dataclass(frozen=True)
class Parameter:
    """A value beside the body; `place` is path, query, header, cookie."""

    name: str
    place: str
    node: Node
    is_required: bool
    schema: Schema | None
    style: str
    explode: str
    is_content: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others of its operation; names of headers have no case."""
        return self.place, self.name.lower() if self.place == "header" else self.name


@dataclass(frozen=True)
class Header:
    """A header of a response."""

    name: str
    node: Node
    is_required: bool
    schema: Schema | None


@dataclass(frozen=True)
class Media:
    """A form that a body may have."""

    name: str
    node: Node
    schema: Schema | None


@dataclass(frozen=True)
class Body:
    """What a request carries."""

    node: Node
    is_required: bool
    media: Mapping[str, Media]


@dataclass(frozen=True)
class Response:
    """What is answered with a status: ``200``, ``4XX``, ``default``."""

    status: str
    node: Node
    media: Mapping[str, Media]
    headers: Mapping[str, Header]


@dataclass(frozen=True, eq=False)
class Operation:
    """A method of a path, a webhook or a callback; `named` is what has its name as key."""

    api: Api
    method: str
    template: str
    item: Node
    node: Node
    named: Node

    def __str__(self) -> str:
        """Return it as people call it: ``GET /tokens/{token}``."""
        return f"{self.method} {self.template}"

    @property
    def id(self) -> str:
        """Its operationId, or nothing."""
        found = self.node.value.get("operationId")
        return found if isinstance(found, str) else ""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, and those of its path that it does not declare itself."""
        return self.api.reader.parameters(self)

    @cached_property
    def body(self) -> Body | None:
        """What a request carries, if it does."""
        return self.api.reader.body(self)

    @cached_property
    def responses(self) -> Mapping[str, Response]:
        """What is answered, by status."""
        return self.api.reader.responses(self)

    @cached_property
    def callbacks(self) -> Mapping[tuple[str, str, str], Operation]:
        """What the service calls of the one who called, by name, method and address."""
        return self.api.reader.callbacks(self)


@dataclass(frozen=True, eq=False)
class Api:
    """A document, and what its dialect makes of it."""

    root: Node
    dialect: Dialect
    reader: Reader

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Operation]:
        """All operations by method and template without names: ``GET``, ``/tokens/{}``."""
        return self.reader.operations(self, self.root.get("paths"))

    @cached_property
    def webhooks(self) -> Mapping[tuple[str, str], Operation]:
        """What the service calls by itself, by method and name."""
        return self.reader.operations(self, self.root.get("webhooks"))

    def operation(self, method: str, template: str) -> Operation | None:
        """Return the operation of a method and a path, whatever its parameters are called."""
        return self.operations.get((method.upper(), without_names(template)))

    def operation_called(self, operation_id: str) -> Operation | None:
        """Return the operation with an operationId."""
        found = (one for one in self.operations.values() if one.id == operation_id)
        return next(found, None)

    def schema(self, *nodes: Node) -> Schema:
        """Return the schema that *nodes* write."""
        return Schema(nodes, self.dialect.is_json_schema)


def without_names(template: str) -> str:
    """Return a path with unnamed parameters: ``/tokens/{}``."""
    return _VARIABLE.sub("{}", template)


def names_in(template: str) -> tuple[str, ...]:
    """Return the names of the parameters of a path, in their order."""
    return tuple(found[0][1:-1] for found in _VARIABLE.finditer(template))
