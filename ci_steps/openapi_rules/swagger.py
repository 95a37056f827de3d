"""How Swagger 2.0 writes an operation: parameters are schemas, and a body is one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ci_steps.documents.node import Document, Node, Path
from ci_steps.openapi_rules.description import Api, Body, Media, Operation, Parameter
from ci_steps.openapi_rules.reader import Reader, media_type
from ci_steps.schema_rules.schema import Schema

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
# How version 3 says what is a `collectionFormat` here.
_CSV = ("form", "together")
_STYLES = {
    "csv": _CSV,
    "multi": ("form", "one by one"),
    "ssv": ("spaceDelimited", "together"),
    "tsv": ("tabDelimited", "together"),
    "pipes": ("pipeDelimited", "together"),
}
_SIMPLE = {"path", "header"}
_FILE = {"type": "string", "format": "binary"}
_BODIES = {"body", "formData"}


class SwaggerReader(Reader):
    """Reads the parts of an operation as those of OpenAPI 3."""

    def parameters(self, operation: Operation) -> tuple[Parameter, ...]:
        """Return its parameters beside the body."""
        return tuple(one for one in super().parameters(operation) if one.place not in _BODIES)

    def _style(self, node: Node, place: str) -> tuple[str, str]:
        style, explode = _STYLES.get(str(node.value.get("collectionFormat", "csv")), _CSV)
        return ("simple" if place in _SIMPLE and style == "form" else style), explode

    def _value_schema(self, api: Api, node: Node) -> Schema | None:
        return api.schema(node)

    def body(self, operation: Operation) -> Body | None:
        """Return its body: the parameter that is one, or those that make a form."""
        written = super().parameters(operation)
        for parameter in written:
            schema = parameter.node.get("schema")
            if parameter.place == "body" and schema is not None:
                names = _media(operation, "consumes", _JSON)
                media = _by_name(operation.api, parameter.node, schema, names)
                return Body(parameter.node, parameter.is_required, media)
        form = [parameter for parameter in written if parameter.place == "formData"]
        if not form:
            return None
        has_file = any(parameter.node.value.get("type") == "file" for parameter in form)
        names = _media(operation, "consumes", _MULTIPART if has_file else _FORM)
        is_required = any(parameter.is_required for parameter in form)
        media = _by_name(operation.api, form[0].node, _form(form, operation.node.path), names)
        return Body(form[0].node, is_required, media)

    def _answered(self, operation: Operation, node: Node) -> dict[str, Media]:
        schema = node.get("schema")
        if schema is None:
            return {}
        names = _media(operation, "produces", _JSON)
        return _by_name(operation.api, node, schema, names)


def _by_name(api: Api, node: Node, schema: Node, names: list[Node | str]) -> dict[str, Media]:
    found: dict[str, Media] = {}
    for written in names:
        name = str(written.value) if isinstance(written, Node) else written
        place = written if isinstance(written, Node) else node
        found[media_type(name)] = Media(name, place, api.schema(schema))
    return found


def _media(operation: Operation, key: str, default: str) -> list[Node | str]:
    """Return the media types an operation names, or else those of the document."""
    for owner in (operation.node, operation.api.root):
        listed = owner.get(key)
        if listed is not None and listed.value:
            return list(listed.items())
    return [default]


@dataclass(frozen=True)
class _FormFile:
    """The fields of a form as an object at `around`; each stands where its parameter does."""

    around: Path
    fields: dict[str, Node]
    value: Any
    name: str

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column of a part of the form."""
        match path[len(self.around) :]:
            case ("properties", str(name), *below):
                return _position(self.fields[name], *below)
            case ("required", int(index), *_):
                return _position(self.fields[self.value["required"][index]], "required")
        return _position(next(iter(self.fields.values())))


def _form(parameters: list[Parameter], around: Path) -> Node:
    """Return the form of the operation at *around* as a schema."""
    value = {
        "type": "object",
        "properties": {one.name: _value(one.node.value) for one in parameters},
        "required": [one.name for one in parameters if one.is_required],
    }
    first = parameters[0].node.document
    fields = {one.name: one.node for one in parameters}
    file = _FormFile(around, fields, value, first.file.name)
    return Node(Document(file, first.library), around, value)


def _value(field: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field; a file is what version 3 calls a binary text."""
    return {**field, **_FILE} if field.get("type") == "file" else field


def _position(node: Node, *below: str | int) -> tuple[int, int]:
    return node.document.file.position((*node.path, *below))
