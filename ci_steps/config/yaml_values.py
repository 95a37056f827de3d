"""YAML events -> values, with the line of each.

Built on PyYAML's events, because its composer calls itself for every level and a file of a
million brackets would end the process.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from ci_steps.errors import ConfigError, Problem

_MOST_VALUES = 100_000
_MOST_DOCUMENTS = 100_000
_MOST_LEVELS = 50
_MOST_DIGITS = 19

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TEXT_TAG = "tag:yaml.org,2002:str"

KeyPath = tuple[str | int, ...]


def written_path(path: KeyPath) -> str:
    """Return a path as people write it: ``steps.unit-test.command[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass
class _Open:
    """A mapping or sequence whose end has not come yet."""

    content: Any
    path: KeyPath
    line: int
    anchor: str | None
    values: int = 1
    key: str | None = None


class Builder:
    """Builds values from events, without recursion."""

    def __init__(self, file: str, *, many: bool = False) -> None:
        self.file = file
        self.many = many
        self.finished: list[tuple[Any, dict[KeyPath, int]]] = []
        self.result: Any = None
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the file."""
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self._start(line)
        elif isinstance(event, yaml.DocumentEndEvent):
            self.finished.append((self.result, self.lines))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()

    def _start(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1 and not self.many:
            self._refuse(line, "a second document (---) is not read")
        if self._documents > _MOST_DOCUMENTS:
            self._refuse(line, f"more than {_MOST_DOCUMENTS:,} documents")
        self.result, self.lines, self._anchors = None, {}, {}

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if event.tag not in (None, "!", _TEXT_TAG):
            self._refuse(line, f"the tag {event.tag} is not read")
        if "\0" in event.value:
            # No database, and no process, takes it as part of a text.
            self._refuse(line, "a text has a zero character in it")
        if self._wants_key():
            self._key(event.value, line)
            return
        plain = event.implicit[0] and not event.style
        value = _plain(event.value) if plain else event.value
        self._put(value, 1, line)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)

    def _alias(self, anchor: str, line: int) -> None:
        if self._wants_key():
            self._refuse(line, "a key must be a text")
        if anchor not in self._anchors:
            self._refuse(line, f"the alias *{anchor} has no anchor before it")
        value, size = self._anchors[anchor]
        self._put(value, size, line)

    def _begin(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if self._wants_key():
            self._refuse(line, "a key must be a text")
        if event.tag not in (None, "!"):
            self._refuse(line, f"the tag {event.tag} is not read")
        if len(self._open) >= _MOST_LEVELS:
            self._refuse(line, f"more than {_MOST_LEVELS} levels of nesting")
        content: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._path()
        # A mapping is where its key stands, not where its own first key does.
        line = self.lines.setdefault(path, line)
        self._open.append(_Open(content, path, line, event.anchor))

    def _end(self) -> None:
        closed = self._open.pop()
        if closed.anchor:
            self._anchors[closed.anchor] = (closed.content, closed.values)
        self._attach(closed.content, closed.values)

    def _put(self, value: Any, size: int, line: int) -> None:
        self.lines[self._path()] = line
        self._attach(value, size)

    def _attach(self, value: Any, size: int) -> None:
        if not self._open:
            self.result = value
            return
        parent = self._open[-1]
        parent.values += size
        # Values behind an alias count each time: ten lines can stand for a billion values.
        if parent.values > _MOST_VALUES:
            self._refuse(parent.line, f"more than {_MOST_VALUES:,} values")
        if parent.key is None:
            parent.content.append(value)
        else:
            parent.content[parent.key] = value
            parent.key = None

    def _wants_key(self) -> bool:
        parent = self._open[-1] if self._open else None
        return parent is not None and isinstance(parent.content, dict) and parent.key is None

    def _key(self, key: str, line: int) -> None:
        parent = self._open[-1]
        path = (*parent.path, key)
        if key in parent.content:
            text = f"stands here for the second time, first in line {self.lines[path]}"
            self.problems.append(Problem(self.file, line, written_path(path), text))
        parent.key = key
        self.lines[path] = line

    def _path(self) -> KeyPath:
        if not self._open:
            return ()
        parent = self._open[-1]
        return (*parent.path, parent.key if parent.key is not None else len(parent.content))

    def _refuse(self, line: int, text: str) -> None:
        raise ConfigError([*self.problems, Problem(self.file, line, "", text)])


def _plain(text: str) -> Any:
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    # int() refuses texts of more than 4,300 digits; such a number is a text to us.
    if _INT.fullmatch(text) and len(text) <= _MOST_DIGITS:
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
