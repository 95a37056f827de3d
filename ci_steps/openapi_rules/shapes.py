"""The shapes of what a document of OpenAPI says; what is not named here is not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ci_steps.documents.shapes import FLAG, TEXT, TEXTS, Shape, list_of, mapping, mapping_of
from ci_steps.openapi_rules.description import Dialect
from ci_steps.openapi_rules.reader import METHODS
from ci_steps.schema_rules.shapes import SCHEMA, SCHEMAS, schema_with

_SECURITY = list_of(mapping_of(TEXTS))
_FLOW = dict.fromkeys(("authorizationUrl", "tokenUrl", "refreshUrl"), TEXT)
_FLOW["scopes"] = mapping_of(TEXT)
_SCHEME = dict.fromkeys(("$ref", "type", "in", "name", "scheme", "openIdConnectUrl", "flow"), TEXT)
_SCHEME["flows"] = mapping_of(mapping(_FLOW), is_extensible=True)
_SCHEMES = mapping_of(mapping({**_SCHEME, **_FLOW}, "type"))
_VARIABLES = mapping_of(mapping({"enum": list_of(TEXT), "default": TEXT}))
_SERVERS = list_of(mapping({"url": TEXT, "variables": _VARIABLES}, "url"))
_BESIDE_VALUES = {"name": TEXT, "in": TEXT, "required": FLAG, "style": TEXT, "explode": FLAG}


def _items(operation: Shape, parameters: Shape) -> Shape:
    """Return the shape of the paths with such operations."""
    keys = {"$ref": TEXT, "parameters": parameters, "servers": _SERVERS}
    keys |= dict.fromkeys(METHODS, operation)
    return mapping_of(mapping(keys), is_extensible=True)


def _named(shape: Shape) -> Shape:
    """Return the shape of a parameter, which must say its name."""
    return replace(shape, needs=("name", "in"))


_MEDIA = mapping_of(mapping({"schema": SCHEMA}))
_HEADER = mapping({"$ref": TEXT, "schema": SCHEMA, "content": _MEDIA, **_BESIDE_VALUES})
_PARAMETER = _named(_HEADER)
_PARAMETERS = list_of(_PARAMETER)
_HEADERS = mapping_of(_HEADER)
_BODY = mapping({"$ref": TEXT, "required": FLAG, "content": _MEDIA})
_RESPONSE = mapping({"$ref": TEXT, "headers": _HEADERS, "content": _MEDIA})
_OF_OPERATIONS = {
    "operationId": TEXT,
    "deprecated": FLAG,
    "parameters": _PARAMETERS,
    "requestBody": _BODY,
    "responses": mapping_of(_RESPONSE, is_extensible=True),
    "security": _SECURITY,
    "servers": _SERVERS,
}
_OPERATION = mapping(_OF_OPERATIONS)
_PATHS = _items(_OPERATION, _PARAMETERS)
_CALLBACKS = mapping_of(_PATHS)
_OF_OPERATIONS["callbacks"] = _CALLBACKS
_COMPONENTS = {
    "schemas": SCHEMAS,
    "responses": mapping_of(_RESPONSE),
    "parameters": mapping_of(_PARAMETER),
    "headers": _HEADERS,
    "requestBodies": mapping_of(_BODY),
    "callbacks": _CALLBACKS,
    "pathItems": _PATHS,
    "securitySchemes": _SCHEMES,
}
_OPENAPI = {
    "paths": _PATHS,
    "webhooks": _PATHS,
    "servers": _SERVERS,
    "security": _SECURITY,
    "components": mapping(_COMPONENTS),
}

# In version 2.0 parameters and headers are schemas.
_OLD_PARAMETER = _named(schema_with(**_BESIDE_VALUES, schema=SCHEMA, collectionFormat=TEXT))
_OLD_PARAMETERS = list_of(_OLD_PARAMETER)
_OLD_RESPONSE = mapping({"$ref": TEXT, "headers": mapping_of(schema_with()), "schema": SCHEMA})
_OLD_OPERATION = mapping(
    {
        "operationId": TEXT,
        "deprecated": FLAG,
        "parameters": _OLD_PARAMETERS,
        "responses": mapping_of(_OLD_RESPONSE, is_extensible=True),
        "security": _SECURITY,
        "consumes": TEXTS,
        "produces": TEXTS,
    }
)
_SWAGGER = {
    "paths": _items(_OLD_OPERATION, _OLD_PARAMETERS),
    "definitions": SCHEMAS,
    "parameters": mapping_of(_OLD_PARAMETER),
    "responses": mapping_of(_OLD_RESPONSE),
    "securityDefinitions": _SCHEMES,
    "security": _SECURITY,
    "host": TEXT,
    "basePath": TEXT,
    **dict.fromkeys(("schemes", "consumes", "produces"), TEXTS),
}


@dataclass(frozen=True)
class Wording:
    """How a version writes an operation, and what is said elsewhere for all of them.

    `shared` are parts beside schemas that operations refer to, `schemes` the places that say who
    may call, `everywhere` those of other things that hold where an operation does not say them.
    """

    operation: Shape
    parameters: Shape
    shared: frozenset[Shape]
    schemes: Mapping[tuple[str, ...], Shape]
    everywhere: Mapping[tuple[str, ...], Shape] = field(default_factory=dict)


_SECURED: dict[tuple[str, ...], Shape] = {("security",): _SECURITY}
OPENAPI_WORDING = Wording(
    _OPERATION,
    _PARAMETERS,
    frozenset({_PARAMETER, _HEADER, _BODY, _RESPONSE}),
    {**_SECURED, ("components", "securitySchemes"): _SCHEMES},
)
SWAGGER_WORDING = Wording(
    _OLD_OPERATION,
    _OLD_PARAMETERS,
    frozenset({_OLD_PARAMETER, _OLD_RESPONSE}),
    {**_SECURED, ("securityDefinitions",): _SCHEMES},
    {("consumes",): TEXTS, ("produces",): TEXTS},
)
# Since 3.1 a document may have webhooks or components alone.
SHAPES = {
    Dialect.SWAGGER_2_0: mapping(_SWAGGER, "paths"),
    Dialect.OPENAPI_3_0: mapping(_OPENAPI, "paths"),
    Dialect.OPENAPI_3_1: mapping(_OPENAPI),
}
