"""JSON -> values of a form, with everything that is wrong.

What is read has exactly the keys that are declared, each of its kind: nothing is guessed, and no
key is skipped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any, TypeVar, get_args, get_origin

from ci_steps.changelog.forms import Key, Path, keys_of, optional
from ci_steps.errors import CiStepsError
from ci_steps.moments import iso_moment
from ci_steps.writing.nearest import did_you_mean

_T = TypeVar("_T")

_DAY_LENGTH = len("2026-12-23")
_MOST_SHOWN = 60


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
        inner = optional(kind)
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
