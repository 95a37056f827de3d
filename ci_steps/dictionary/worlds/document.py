"""Reading a world file: what is wrong in it is collected, and said all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone
from typing import Any, TypeVar

from ci_steps.errors import Problem, RefusedError, UsageError
from ci_steps.moments import iso_moment
from ci_steps.writing.nearest import did_you_mean

_T = TypeVar("_T")

KeyPath = tuple[str | int, ...]

_NAME = re.compile(r"[^\s\x00-\x1f]{1,63}")


@dataclass
class Document:
    """Where things stand in a file, and what is wrong with them."""

    file: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: KeyPath, text: str) -> None:
        """Note what is wrong at *path*, on its line or on that of what it belongs to."""
        above = (path[:length] for length in range(len(path), -1, -1))
        line = next((self.lines[part] for part in above if part in self.lines), 0)
        self.problems.append(Problem(self.file, line, written(path), text))

    def attempt(self, path: KeyPath, function: Callable[..., _T], *arguments: object) -> _T | None:
        """Return what *function* answers, or None after noting at *path* why it does not."""
        try:
            return function(*arguments)
        except (RefusedError, UsageError) as error:
            self.refuse(path, error)
            return None

    def refuse(self, path: KeyPath, error: RefusedError | UsageError) -> None:
        """Note at *path* why something cannot be, and what to do about it."""
        self.wrong(path, f"{error}. {error.hint}" if error.hint else str(error))


@dataclass(frozen=True)
class Entry:
    """Keys and values at one place of a document."""

    document: Document
    path: KeyPath
    content: Mapping[str, Any]

    def text(self, key: str, *, required: bool = False) -> str:
        """Return a text, empty if it is missing or wrong."""
        value = self.content.get(key)
        if isinstance(value, str) and (value or not required):
            return value
        if value is not None and not isinstance(value, str):
            shown = f"{value!r} is {_kind(value)}, not a text"
            self.wrong(key, f"{shown}: put it in quotes" if _is_number(value) else shown)
        elif required:
            self.wrong(key, "must be given")
        return ""

    def flag(self, key: str) -> bool:
        """Return true or false; what is missing is false."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"expected true or false, got {value!r}")
        return value is True

    def moment(self, key: str) -> datetime | None:
        """Return a time in UTC; a day alone is its first moment."""
        value = self.content.get(key)
        try:
            found = _moment(value)
        except ValueError:
            self.wrong(key, f"{value!r} is not a time: write it like 2017-10-01T12:00:00Z")
            return None
        if found is not None and found.tzinfo is None:
            self.wrong(key, f"{value} has no time zone: put a Z behind it if it is UTC")
            return None
        return found

    def entries(self, key: str, *keys: str) -> Iterator[Entry]:
        """Yield the members of a list under *key*, each of which may have *keys*."""
        for path, value in self.members(key):
            entry = entry_at(self.document, path, value, keys)
            if entry is not None:
                yield entry

    def members(self, key: str) -> Iterator[tuple[KeyPath, Any]]:
        """Yield the members of a list under *key*, with their places."""
        values = self.content.get(key)
        if values is not None and not isinstance(values, list | tuple):
            self.wrong(key, f"expected a list, got {_kind(values)}")
            return
        for index, value in enumerate(values or ()):
            yield (*self.path, key, index), value

    def named(self, key: str, *keys: str) -> Iterator[tuple[str, Entry]]:
        """Yield the names under *key* with their entries, each of which may have *keys*."""
        values = self.content.get(key)
        if values is not None and not isinstance(values, Mapping):
            self.wrong(key, f"expected names and what is known about each, got {_kind(values)}")
            return
        for name, value in (values or {}).items():
            path = (*self.path, key, name)
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                self.document.wrong(path, f"{name!r} is not a name: at most 63 signs, no blanks")
                continue
            entry = entry_at(self.document, path, {} if value is None else value, keys)
            if entry is not None:
                yield name, entry

    def wrong(self, key: str, text: str) -> None:
        """Note what is wrong with the value of *key*."""
        self.document.wrong((*self.path, key), text)


def entry_at(
    document: Document, path: KeyPath, value: object, keys: tuple[str, ...]
) -> Entry | None:
    """Return the keys and values at *path*, or None if there are none."""
    if not isinstance(value, Mapping):
        document.wrong(path, f"expected keys and values, got {_kind(value)}")
        return None
    for key in value:
        if key not in keys:
            document.wrong((*path, key), f"unknown key{did_you_mean(str(key), keys)}")
    return Entry(document, path, value)


def written(path: KeyPath) -> str:
    """Return a path of keys as people write it: ``releases[0].version``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None
        value = date.fromisoformat(value) if is_day else iso_moment(value)
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), timezone.utc)
    raise ValueError(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: object) -> str:
    if _is_number(value):
        return "a number"
    names = {str: "a text", bool: "true or false", type(None): "nothing", list: "a list"}
    return names.get(type(value), "keys and values" if isinstance(value, Mapping) else "a date")
