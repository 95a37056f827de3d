"""Frozen classes as the form of a document: each key is declared once, with a sentence.

`form_schema` makes the JSON Schema of them, and `form_reading` reads what has exactly these keys.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, cast, get_args, get_type_hints

from ci_steps.moments import iso_text

Path = tuple[str | int, ...]
Check = Callable[[str], object]


def key(explain: str, default: Any = dataclasses.MISSING, *, check: Check | None = None) -> Any:
    """Declare a key; *check* raises what is wrong with its text. Without a default it is needed."""
    return field(default=default, metadata={"explain": explain, "check": check})


@dataclass(frozen=True)
class Key:
    """A key of a class: its kind, what it says, and what it is where it is not given."""

    name: str
    kind: Any
    explain: str
    default: Any
    check: Check | None


def keys_of(kind: Any) -> Mapping[str, Key]:
    """Return the keys of a class in their order."""
    return _keys(kind)


@cache
def _keys(kind: Hashable) -> Mapping[str, Key]:
    kinds = get_type_hints(kind)
    return {
        one.name: Key(
            one.name,
            kinds[one.name],
            one.metadata.get("explain", ""),
            one.default,
            one.metadata.get("check"),
        )
        for one in dataclasses.fields(cast("Any", kind))
    }


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it; the inverse of reading it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return iso_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    if dataclasses.is_dataclass(value):
        return {name: as_json(getattr(value, name)) for name in keys_of(type(value))}
    return value


def optional(kind: Any) -> Any:
    """Return what is there if it is not None; None for a kind that is always there."""
    arguments = get_args(kind)
    if NoneType not in arguments:
        return None
    return next(one for one in arguments if one is not NoneType)
