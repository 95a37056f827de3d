"""The shapes of what a document of OpenAPI says; what is not named here is not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ci_steps.documents.shapes import FLAG, TEXT, TEXTS, Shape, list_of, mapping, mapping_of
from ci_steps.openapi_rules.description import Dialect
from ci_steps.openapi_rules.reader import METHODS
from ci_steps.schema_rules.shapes import SCHEMA, SCHEMAS, schema_with

_SECURITY = list_of(mapping_of(TEXTS))
_SCHEMES = mapping_of(
    mapping({"$ref": TEXT, "type": TEXT, "in": TEXT, "name": TEXT, "scheme": TEXT}, "type")
)
_SERVERS = list_of(mapping({"url": TEXT}, "url"))
_BESIDE_VALUES = {"name": TEXT, "in": TEXT, "required": FLAG, "style": TEXT, "explode": FLAG}


def _items(operation: Shape, parameters: Shape) -> Shape:
    """Return the shape of the paths with such operations."""
    keys = {"$ref": TEXT, "parameters": parameters, **dict.fromkeys(METHODS, operation)}
    return mapping_of(mapping(keys), is_extensible=True)


def _named(shape: Shape) -> Shape:
    """Return the shape of a parameter, which must say its name."""
    return replace(shape, needs=("name", "in"))


def _openapi() -> Mapping[str, Shape]:
    """Return the shapes of version 3."""
    media = mapping_of(mapping({"schema": SCHEMA}))
    of_values = {"$ref": TEXT, "schema": SCHEMA, "content": media, **_BESIDE_VALUES}
    header = mapping(of_values)
    parameter = _named(header)
    headers, parameters = mapping_of(header), list_of(parameter)
    body = mapping({"$ref": TEXT, "required": FLAG, "content": media})
    response = mapping({"$ref": TEXT, "headers": headers, "content": media})
    of_operations = {
        "operationId": TEXT,
        "deprecated": FLAG,
        "parameters": parameters,
        "requestBody": body,
        "responses": mapping_of(response, is_extensible=True),
        "security": _SECURITY,
    }
    paths = _items(mapping(of_operations), parameters)
    callbacks = mapping_of(paths)
    of_operations["callbacks"] = callbacks
    components = {
        "schemas": SCHEMAS,
        "responses": mapping_of(response),
        "parameters": mapping_of(parameter),
        "headers": headers,
        "requestBodies": mapping_of(body),
        "callbacks": callbacks,
        "pathItems": paths,
        "securitySchemes": _SCHEMES,
    }
    return {
        "paths": paths,
        "webhooks": paths,
        "servers": _SERVERS,
        "security": _SECURITY,
        "components": mapping(components),
    }


def _swagger() -> Mapping[str, Shape]:
    """Return the shapes of version 2.0: parameters and headers are schemas."""
    parameter = _named(schema_with(**_BESIDE_VALUES, schema=SCHEMA, collectionFormat=TEXT))
    headers, parameters = mapping_of(schema_with()), list_of(parameter)
    response = mapping({"$ref": TEXT, "headers": headers, "schema": SCHEMA})
    operation = {
        "operationId": TEXT,
        "deprecated": FLAG,
        "parameters": parameters,
        "responses": mapping_of(response, is_extensible=True),
        "security": _SECURITY,
        "consumes": TEXTS,
        "produces": TEXTS,
    }
    return {
        "paths": _items(mapping(operation), parameters),
        "definitions": SCHEMAS,
        "parameters": mapping_of(parameter),
        "responses": mapping_of(response),
        "securityDefinitions": _SCHEMES,
        "security": _SECURITY,
        "host": TEXT,
        "basePath": TEXT,
        **dict.fromkeys(("schemes", "consumes", "produces"), TEXTS),
    }


# Since 3.1 a document may have webhooks or components alone.
SHAPES = {
    Dialect.SWAGGER_2_0: mapping(_swagger(), "paths"),
    Dialect.OPENAPI_3_0: mapping(_openapi(), "paths"),
    Dialect.OPENAPI_3_1: mapping(_openapi()),
}
