"""The JSON Schema of a form."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any, get_args, get_origin

from ci_steps.changelog.forms import keys_of, optional


def schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of what `as_json` makes of a *kind*."""
    inner = optional(kind)
    if inner is not None:
        return _or_null(schema_of(inner))
    if get_origin(kind) is tuple:
        return {"type": "array", "items": schema_of(get_args(kind)[0])}
    if dataclasses.is_dataclass(kind):
        return dict(_object_schema(kind))
    if issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    return dict(_SCHEMAS[kind])


def _object_schema(kind: Any) -> Iterator[tuple[str, Any]]:
    keys = keys_of(kind)
    yield "type", "object"
    yield "description", (kind.__doc__ or "").partition("\n")[0]
    yield (
        "properties",
        {
            name: {**schema_of(one.kind), **({"description": one.explain} if one.explain else {})}
            for name, one in keys.items()
        },
    )
    yield "required", list(keys)
    yield "additionalProperties", False


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str) and schema["type"] != "object":
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


_SCHEMAS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
