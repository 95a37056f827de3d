"""How OpenAPI 3 writes an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import (
    Api,
    Body,
    Header,
    Media,
    Operation,
    Parameter,
    Response,
    without_names,
)

if TYPE_CHECKING:
    from ci_steps.schema_rules.schema import Schema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class Reader:
    """Reads the parts of an operation, when somebody asks for them."""

    def operations(self, api: Api, paths: Node | None) -> dict[tuple[str, str], Operation]:
        """Return the operations of path items by method and template without names."""
        found: dict[tuple[str, str], Operation] = {}
        for template, written in paths.entries() if paths is not None else ():
            if template.startswith("x-"):
                continue
            item, unnamed = written.resolved(), without_names(template)
            for method in METHODS:
                node = item.get(method)
                if node is not None and node.is_mapping:
                    operation = Operation(api, method.upper(), template, item, node, written)
                    found.setdefault((operation.method, unnamed), operation)
        return found

    def parameters(self, operation: Operation) -> tuple[Parameter, ...]:
        """Return its parameters, and those of its path that it does not declare itself."""
        found = {
            parameter.key: parameter
            for owner in (operation.item, operation.node)
            for node in _listed(owner, "parameters")
            for parameter in self._parameter(operation.api, node)
        }
        return tuple(found.values())

    def _parameter(self, api: Api, node: Node) -> Iterator[Parameter]:
        value = node.value
        if not isinstance(value, dict) or not isinstance(value.get("name"), str):
            return
        place = str(value.get("in"))
        yield Parameter(
            value["name"],
            place,
            node,
            value.get("required") is True,
            self._value_schema(api, node),
            *self._style(node, place),
            is_content="content" in value,
        )

    def _style(self, node: Node, place: str) -> tuple[str, str]:
        """Return how a list or an object is written, and whether in several values."""
        style = str(node.value.get("style", _STYLES.get(place, "")))
        explode = node.value.get("explode", style in {"form", "cookie"})
        return style, "one by one" if explode is True else "together"

    def _value_schema(self, api: Api, node: Node) -> Schema | None:
        """Return the schema of a parameter or header."""
        schema = node.get("schema")
        if schema is None:
            media = next(iter(self._media(api, node).values()), None)
            return media.schema if media else None
        return api.schema(schema)

    def body(self, operation: Operation) -> Body | None:
        """Return what a request carries."""
        written = operation.node.get("requestBody")
        if written is None:
            return None
        node = written.resolved()
        is_required = node.is_mapping and node.value.get("required") is True
        return Body(node, is_required, self._media(operation.api, node))

    def responses(self, operation: Operation) -> dict[str, Response]:
        """Return what is answered by status, in upper case as in ``4XX``."""
        written = operation.node.get("responses")
        entries = written.entries() if written is not None else iter(())
        return {
            _status(status): self._response(operation, status, node)
            for status, node in entries
            if not status.startswith("x-")
        }

    def _response(self, operation: Operation, status: str, written: Node) -> Response:
        node = written.resolved()
        headers = node.get("headers")
        found = {
            name.lower(): self._header(operation.api, name, header.resolved())
            for name, header in (headers.entries() if headers is not None else ())
            if name.lower() != "content-type"
        }
        return Response(_status(status), written, self._answered(operation, node), found)

    def _answered(self, operation: Operation, node: Node) -> dict[str, Media]:
        return self._media(operation.api, node)

    def _header(self, api: Api, name: str, node: Node) -> Header:
        is_required = node.is_mapping and node.value.get("required") is True
        return Header(name, node, is_required, self._value_schema(api, node))

    def _media(self, api: Api, node: Node) -> dict[str, Media]:
        content = node.get("content")
        return {
            media_type(name): Media(
                name, media, api.schema(schema) if (schema := media.get("schema")) else None
            )
            for name, media in (content.entries() if content is not None else ())
        }

    def callbacks(self, operation: Operation) -> Mapping[tuple[str, str, str], Operation]:
        """Return what the service calls of the one who called, by name, method, address."""
        callbacks = operation.node.get("callbacks")
        return {
            (name, method, template): replace(called, named=node)
            for name, node in (callbacks.entries() if callbacks is not None else ())
            for (method, template), called in self.operations(
                operation.api, node.resolved()
            ).items()
        }


def media_type(written: str) -> str:
    """Return a media type as it is compared: without case, spaces and the set of characters."""
    kind, *parameters = written.lower().replace(" ", "").split(";")
    return ";".join([kind, *(one for one in parameters if not one.startswith("charset="))])


def _status(written: str) -> str:
    return written if written == "default" else written.upper()


def _listed(owner: Node, key: str) -> Iterator[Node]:
    listed = owner.get(key)
    for node in listed.items() if listed is not None else ():
        yield node.resolved()
