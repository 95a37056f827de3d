"""JSON -> values, by the decoder of the standard library and in parts.

The objects of the first levels are taken apart here, so that every schema and operation is a
part of its own: equal ones of two releases are decoded once, and a place is looked for by
skipping over the values before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ci_steps.documents.lines import Lines
from ci_steps.documents.node import Path
from ci_steps.documents.parts import DocumentError, Part, Parts

# components -> schemas -> Pet, paths -> /pets -> get
_LEVELS = 3
_SPACE = re.compile(r"[ \t\r\n]*")
_KEY = re.compile(r'[ \t\r\n]*("(?:[^"\\\x00-\x1f]|\\.)*")[ \t\r\n]*:[ \t\r\n]*')
_NEXT = re.compile(r"[ \t\r\n]*([,}\]])[ \t\r\n]*")


class _TwiceError(Exception):
    """A key is there twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _TwiceError
    return content


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
# Only to skip over what was decoded before.
_SKIPPER = json.JSONDecoder()


class JsonFile:
    """A file of JSON; DocumentError if it is none, or a key is there twice."""

    def __init__(self, name: str, text: str, parts: Parts) -> None:
        self.name = name
        self._text, self._lines, self._parts = text, Lines(text), parts
        self._begins: dict[Path, _Begins] = {}
        start = _end(_SPACE, text, 0)
        try:
            self.value, end = self._value(start, (), _LEVELS)
        except json.JSONDecodeError as error:
            raise DocumentError(error.lineno, _reason(error)) from None
        except RecursionError:
            raise DocumentError(1, "nested too deeply") from None
        if _end(_SPACE, text, end) != len(text):
            raise self._wrong(end, "more follows after the end")
        self._root = start

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column of the key (or item) that *path* leads to.

        What is not there stands where it would be in.
        """
        key_begins, value_begins = self._root, self._root
        for length, key in enumerate(path):
            parent = path[:length]
            if parent not in self._begins:
                self._begins[parent] = _Begins(self._text, value_begins)
            begins = self._begins[parent].of(key)
            if begins is None:
                break
            key_begins, value_begins = begins
        return self._lines.position(key_begins)

    def _value(self, at: int, path: Path, levels: int) -> tuple[Any, int]:
        if levels and self._text.startswith("{", at):
            return self._object(at, path, levels)
        known = self._parts.by_place.get(path)
        if known is not None and known.is_at(self._text, at):
            return known.value, at + known.end - known.start
        value, end = self._decoded(at)
        if isinstance(value, (dict, list)):
            self._parts.by_place[path] = Part(self._text, at, end, value)
        return value, end

    def _object(self, at: int, path: Path, levels: int) -> tuple[dict[str, Any], int]:
        content: dict[str, Any] = {}
        begins = self._begins[path] = _Begins(self._text, at)
        end, closing = _opened(self._text, at)
        while closing != "}":
            found = _KEY.match(self._text, end)
            if found is None:
                raise self._wrong(end, "a name in quotes and ':' are expected")
            key = _text(found[1])
            if key in content:
                raise self._wrong(found.start(1), f"{key!r} is there twice")
            begins.known[key] = found.start(1), found.end()
            content[key], end = self._value(found.end(), (*path, key), levels - 1)
            after = _NEXT.match(self._text, end)
            if after is None or after[1] == "]":
                raise self._wrong(end, "',' or '}' is expected")
            end, closing = after.end(), after[1]
        return content, end

    def _decoded(self, at: int) -> tuple[Any, int]:
        try:
            return _DECODER.raw_decode(self._text, at)
        except _TwiceError:
            from ci_steps.documents.placed_json import JsonError, load

            before = self._lines.position(at)[0] - 1
            try:
                load(self._text[at : _SKIPPER.raw_decode(self._text, at)[1]])
            except JsonError as error:
                raise DocumentError(before + error.line, str(error)) from None
            raise
        except json.JSONDecodeError:
            raise
        except ValueError as error:
            raise self._wrong(at, str(error)) from None

    def _wrong(self, at: int, reason: str) -> DocumentError:
        return DocumentError(self._lines.position(at)[0], reason)


class _Begins:
    """Where key and value of each part of an object or list begin, as far as somebody asked."""

    def __init__(self, text: str, at: int) -> None:
        self.known: dict[str | int, tuple[int, int]] = {}
        self._more = _begins(text, at)

    def of(self, key: str | int) -> tuple[int, int] | None:
        """Return where *key* and its value begin, None if it is not there."""
        while key not in self.known:
            found = next(self._more, None)
            if found is None:
                return None
            self.known[found[0]] = found[1]
        return self.known[key]


def _begins(text: str, at: int) -> Iterator[tuple[str | int, tuple[int, int]]]:
    """Yield where the parts of the object or list at *at* begin; it was decoded before."""
    is_object, number = text[at] == "{", 0
    at, closing = _opened(text, at)
    while closing not in {"}", "]"}:
        found = _KEY.match(text, at) if is_object else None
        value = found.end() if found else at
        yield _text(found[1]) if found else number, (found.start(1) if found else at, value)
        after = _NEXT.match(text, _SKIPPER.raw_decode(text, value)[1])
        if after is None:
            return
        at, closing, number = after.end(), after[1], number + 1


def _text(written: str) -> str:
    return json.loads(written) if "\\" in written else written[1:-1]


def _opened(text: str, at: int) -> tuple[int, str]:
    """Return where the first part begins, and the closing bracket if there is none."""
    at = _end(_SPACE, text, at + 1)
    closing = text[at : at + 1]
    return (_end(_SPACE, text, at + 1), closing) if closing in {"}", "]"} else (at, "")


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:]
