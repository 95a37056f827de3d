"""Frozen classes -> a JSON Schema, JSON, and a reader that says everything that is wrong.

A class is declared once, with a sentence about each of its keys. What is read has exactly these
keys, each of its kind: nothing is guessed, and no key is skipped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from ci_steps.errors import CiStepsError
from ci_steps.moments import iso_moment
from ci_steps.nearest import did_you_mean

_T = TypeVar("_T")
Path = tuple[str | int, ...]
Check = Callable[[str], object]

_DAY_LENGTH = len("2026-12-23")
_MOST_SHOWN = 60


def key(explain: str, default: Any = dataclasses.MISSING, *, check: Check | None = None) -> Any:
    """Declare a key; *check* raises what is wrong with its text. Without a default it is needed."""
    return field(default=default, metadata={"explain": explain, "check": check})


@dataclass
class Reading:
    """What is read, and what was wrong with it: each with the path of keys that leads to it."""

    wrong: list[tuple[Path, str]] = field(default_factory=list)

    def refuse(self, path: Path, text: str) -> None:
        """Note what is wrong at *path*."""
        self.wrong.append((path, text))

    def read(self, kind: type[_T], value: object, path: Path = ()) -> _T | None:
        """Return *value* as a *kind*; None where something in it is wrong."""
        before = len(self.wrong)
        found = self._value(kind, value, path)
        return found if len(self.wrong) == before else None

    def _value(self, kind: Any, value: object, path: Path) -> Any:
        inner = _optional(kind)
        if inner is not None:
            return None if value is None else self._value(inner, value, path)
        if get_origin(kind) is tuple:
            return self._items(get_args(kind)[0], value, path)
        if dataclasses.is_dataclass(kind):
            return self._object(kind, value, path)
        return self._scalar(kind, value, path)

    def _items(self, kind: Any, value: object, path: Path) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self.refuse(path, f"expected a list, got {_said(value)}")
            return ()
        return tuple(self._value(kind, one, (*path, at)) for at, one in enumerate(value))

    def _object(self, kind: Any, value: object, path: Path) -> Any:
        if not isinstance(value, Mapping):
            self.refuse(path, f"expected keys and values, got {_said(value)}")
            return None
        keys = keys_of(kind)
        for name in value:
            if name not in keys:
                self.refuse((*path, str(name)), f"unknown key{did_you_mean(str(name), keys)}")
        found = {
            name: self._key(one, value, (*path, name))
            for name, one in keys.items()
            if name in value or one.default is dataclasses.MISSING
        }
        return None if self.wrong else kind(**found)

    def _key(self, one: Key, content: Mapping[str, Any], path: Path) -> Any:
        if one.name not in content:
            self.refuse(path, "must be given")
            return None
        value = self._value(one.kind, content[one.name], path)
        if one.check and isinstance(value, str) and (value or one.default is dataclasses.MISSING):
            try:
                one.check(value)
            except CiStepsError as error:
                self.refuse(path, str(error))
        return value

    def _scalar(self, kind: Any, value: object, path: Path) -> Any:
        try:
            return _READ.get(kind, kind)(value)
        except _NotThisKindError as wrong:
            self.refuse(path, str(wrong))
        except ValueError:
            words = [one.value for one in kind]
            shown = f"{value!r} is none of {', '.join(words)}" if isinstance(value, str) else ""
            self.refuse(path, shown or f"expected a text, got {_said(value)}")
        return None


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
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    if dataclasses.is_dataclass(value):
        return {name: as_json(getattr(value, name)) for name in keys_of(type(value))}
    return value


def schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of what `as_json` makes of a *kind*."""
    inner = _optional(kind)
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


def _optional(kind: Any) -> Any:
    """Return what is there if it is not None; None for a kind that is always there."""
    arguments = get_args(kind)
    if NoneType not in arguments:
        return None
    return next(one for one in arguments if one is not NoneType)


class _NotThisKindError(Exception):
    """A value is of another kind; the message says what was expected."""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    quotes = ": put it in quotes" if _is_number(value) else ""
    raise _NotThisKindError(f"expected a text, got {_said(value)}{quotes}")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _NotThisKindError(f"expected true or false, got {_said(value)}")


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _NotThisKindError(f"expected a whole number, got {_said(value)}")


def _day(value: object) -> date:
    text = _text(value)
    try:
        if len(text) == _DAY_LENGTH:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _NotThisKindError(f"{_said(text)} is not a day: write it like 2026-12-23")


def _moment(value: object) -> datetime:
    text = _text(value)
    try:
        moment = iso_moment(text)
    except ValueError:
        raise _NotThisKindError(
            f"{_said(text)} is not a time: write it like 2026-12-23T09:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise _NotThisKindError(f"{text} has no time zone: put a Z behind it if it is UTC")
    return moment.astimezone(timezone.utc)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, list | Mapping):
        return "nothing" if value is None else "a list" if isinstance(value, list) else "keys"
    shown = repr(value)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_READ: dict[Any, Callable[[object], Any]] = {
    str: _text,
    bool: _flag,
    int: _number,
    date: _day,
    datetime: _moment,
}
_SCHEMAS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
