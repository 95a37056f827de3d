"""The shapes of what a schema says; what is not named here is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.documents.references import References
from ci_steps.documents.shapes import (
    FLAG,
    LIST,
    NUMBER,
    TEXT,
    TEXTS,
    Shape,
    list_of,
    mapping,
    mapping_of,
)

if TYPE_CHECKING:
    from ci_steps.documents.library import Library

_OF_SCHEMAS: dict[str, Shape] = {}
SCHEMA = Shape("a schema", frozenset({dict, bool}), _OF_SCHEMAS)
SCHEMAS = mapping_of(SCHEMA)
_ITEMS = Shape(
    "a schema or a list of schemas", frozenset({dict, bool, list}), _OF_SCHEMAS, items=SCHEMA
)
_DEPENDS = Shape(
    "a schema or a list of texts", frozenset({dict, bool, list}), _OF_SCHEMAS, items=TEXT
)
# In the drafts before 6, and so in OpenAPI 3.0, it says how the other bound is meant.
_EXCLUSIVE = Shape("a number, or true or false", frozenset({int, float, bool}))
_TYPES = Shape("a type or a list of types", frozenset({str, list}), items=TEXT)
# In Swagger 2.0 it is the name of the property.
_DISCRIMINATOR = Shape(
    "a mapping",
    frozenset({dict, str}),
    {"propertyName": TEXT, "mapping": mapping_of(TEXT)},
    needs=("propertyName",),
)
_OF_SCHEMAS |= {
    "$ref": TEXT,
    "type": _TYPES,
    "enum": LIST,
    "x-extensible-enum": LIST,
    "required": TEXTS,
    "items": _ITEMS,
    "dependencies": mapping_of(_DEPENDS),
    "dependentRequired": mapping_of(TEXTS),
    "discriminator": _DISCRIMINATOR,
    "exclusiveMaximum": _EXCLUSIVE,
    "exclusiveMinimum": _EXCLUSIVE,
}
_OF_SCHEMAS |= dict.fromkeys(
    ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"), SCHEMAS
)
_OF_SCHEMAS |= dict.fromkeys(("allOf", "oneOf", "anyOf", "prefixItems"), list_of(SCHEMA))
_OF_SCHEMAS |= dict.fromkeys(("not", "if", "then", "else", "contains", "propertyNames"), SCHEMA)
_OF_SCHEMAS |= dict.fromkeys(
    ("additionalProperties", "additionalItems", "unevaluatedProperties", "unevaluatedItems"), SCHEMA
)
_OF_SCHEMAS["contentSchema"] = SCHEMA
_OF_SCHEMAS |= dict.fromkeys(("maximum", "minimum", "multipleOf"), NUMBER)
_OF_SCHEMAS |= dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems"), NUMBER)
_OF_SCHEMAS |= dict.fromkeys(
    ("maxProperties", "minProperties", "maxContains", "minContains"), NUMBER
)
_OF_SCHEMAS |= dict.fromkeys(("pattern", "format", "contentEncoding", "contentMediaType"), TEXT)
_OF_SCHEMAS |= dict.fromkeys(
    ("nullable", "x-nullable", "readOnly", "writeOnly", "uniqueItems"), FLAG
)


def references_in(library: Library) -> References:
    """Return what finds the references of schemas."""
    return References(library.shapes, SCHEMA)


def schema_with(**keys: Shape) -> Shape:
    """Return the shape of what is a schema and says more, as a parameter of Swagger 2.0 does."""
    return mapping({**_OF_SCHEMAS, **keys})
