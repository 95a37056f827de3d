"""The shapes of what a document of AsyncAPI says; what is not named here is not read."""

from __future__ import annotations

from ci_steps.documents.shapes import TEXT, TEXTS, Shape, list_of, mapping, mapping_of
from ci_steps.schema_rules.shapes import SCHEMA

_REFERENCE = {"$ref": TEXT}
# In another language a schema is of any shape: what is JSON Schema is looked at when it is read.
_ANY_SCHEMA = Shape("a schema", frozenset({dict, bool, list, str}), _REFERENCE)
_BINDINGS = mapping_of(mapping(_REFERENCE), is_extensible=True)
_CORRELATION = mapping({**_REFERENCE, "location": TEXT}, "location")
_OF_MESSAGES: dict[str, Shape] = {
    **_REFERENCE,
    "payload": _ANY_SCHEMA,
    "headers": _ANY_SCHEMA,
    "correlationId": _CORRELATION,
    "bindings": _BINDINGS,
    **dict.fromkeys(("contentType", "schemaFormat", "name", "messageId"), TEXT),
}
_MESSAGE = mapping(_OF_MESSAGES)
_MESSAGES = mapping_of(_MESSAGE, is_extensible=True)
# In version 2 there may be several in the place of one.
_OF_MESSAGES |= {"traits": list_of(_MESSAGE), "oneOf": list_of(_MESSAGE)}
_COMPONENTS = {
    "schemas": mapping_of(_ANY_SCHEMA, is_extensible=True),
    "messages": _MESSAGES,
    "messageTraits": _MESSAGES,
    "correlationIds": mapping_of(_CORRELATION, is_extensible=True),
}


def _version_2() -> Shape:
    security = list_of(mapping_of(TEXTS))
    server = mapping(
        {
            **_REFERENCE,
            **dict.fromkeys(("url", "protocol"), TEXT),
            "security": security,
            "bindings": _BINDINGS,
        },
        *("url", "protocol"),
    )
    of_operations = {
        **_REFERENCE,
        "operationId": TEXT,
        "message": _MESSAGE,
        "security": security,
        "bindings": _BINDINGS,
    }
    of_operations["traits"] = list_of(mapping(dict(of_operations)))
    operation = mapping(of_operations)
    parameters = mapping_of(mapping({**_REFERENCE, "schema": SCHEMA}), is_extensible=True)
    channel = mapping(
        {
            **_REFERENCE,
            "publish": operation,
            "subscribe": operation,
            "parameters": parameters,
            "bindings": _BINDINGS,
        }
    )
    components = {**_COMPONENTS, "parameters": parameters}
    return mapping(
        {
            "defaultContentType": TEXT,
            "servers": mapping_of(server, is_extensible=True),
            "channels": mapping_of(channel, is_extensible=True),
            "components": mapping(components),
        },
        "channels",
    )


def _version_3() -> Shape:
    scheme = mapping({**_REFERENCE, "type": TEXT, "scopes": TEXTS}, "type")
    security = list_of(scheme)
    server = mapping(
        {
            **_REFERENCE,
            **dict.fromkeys(("host", "pathname", "protocol"), TEXT),
            "security": security,
            "bindings": _BINDINGS,
        },
        *("host", "protocol"),
    )
    parameters = mapping_of(mapping({**_REFERENCE, "enum": TEXTS, "default": TEXT}))
    channel = mapping(
        {
            **_REFERENCE,
            "address": Shape("a text or null", frozenset({str, type(None)})),
            "messages": _MESSAGES,
            "parameters": parameters,
            "bindings": _BINDINGS,
        }
    )
    replied = {**_REFERENCE, "channel": channel, "messages": list_of(_MESSAGE)}
    of_operations = {"security": security, "bindings": _BINDINGS}
    traits = list_of(mapping({**_REFERENCE, **of_operations}))
    own = {"action": TEXT, "reply": mapping(replied), "traits": traits}
    operation = mapping({**replied, **of_operations, **own}, "action", "channel")
    return mapping(
        {
            "defaultContentType": TEXT,
            "servers": mapping_of(server, is_extensible=True),
            "channels": mapping_of(channel, is_extensible=True),
            "operations": mapping_of(operation, is_extensible=True),
            "components": mapping({**_COMPONENTS, "parameters": parameters}),
        }
    )


SHAPES = {"2": _version_2(), "3": _version_3()}
