"""JSON whose objects know where they begin, and where their keys are."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_STRINGS = json.JSONDecoder()
_PLAIN = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Placed(dict[str, Any]):
    """An object; `line` and `column` are those of its brace."""

    line = 0
    column = 0


class JsonError(ValueError):
    """The text is not JSON; `line` says where."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class _Text(str):
    """A text that knows where its lines end."""

    __slots__ = ("ends",)

    def __init__(self, text: str) -> None:
        self.ends = [found.start() for found in re.finditer("\n", text)]


def load(written: str) -> Any:
    """Return the value of a text; a key twice in one object is an error, too."""
    text = _Text(written)
    try:
        value, end = _value(text, _skip(text, 0))
    except RecursionError:
        raise JsonError(1, "nested too deeply") from None
    if end != len(text):
        raise _wrong(text, end, "more follows after the end")
    return value


def _skip(text: _Text, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: _Text, at: int) -> tuple[Any, int]:
    """Return the value that begins at *at*, and where the next token begins."""
    first = text[at : at + 1]
    if first == "{":
        return _object(text, at)
    if first == "[":
        return _list(text, at)
    if first == '"':
        return _string(text, at)
    found = _PLAIN.match(text, at)
    if found is None:
        raise _wrong(text, at, "a value is expected" if first else "the end came too early")
    try:
        return json.loads(found[0]), _skip(text, found.end())
    except ValueError:  # a number of more digits than Python reads
        raise _wrong(text, at, "a number is too long") from None


def _object(text: _Text, at: int) -> tuple[Placed, int]:
    made = Placed()
    made.line, made.column = _where(text, at)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        at = _next(text, at, "}", is_first=not made)
        if text[at : at + 1] != '"':
            raise _wrong(text, at, "a name in quotes is expected")
        began = at
        name, at = _string(text, at)
        if name in made:
            raise _wrong(text, began, f"{name!r} is there twice")
        if text[at : at + 1] != ":":
            raise _wrong(text, at, "':' is expected")
        made[name], at = _value(text, _skip(text, at + 1))
    return made, _skip(text, at + 1)


def _list(text: _Text, at: int) -> tuple[list[Any], int]:
    made: list[Any] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        at = _next(text, at, "]", is_first=not made)
        item, at = _value(text, at)
        made.append(item)
    return made, _skip(text, at + 1)


def _next(text: _Text, at: int, closing: str, *, is_first: bool) -> int:
    if is_first:
        return at
    if text[at : at + 1] != ",":
        raise _wrong(text, at, f"',' or '{closing}' is expected")
    return _skip(text, at + 1)


def _string(text: _Text, at: int) -> tuple[str, int]:
    try:
        value, end = _STRINGS.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _wrong(text, error.pos, error.msg[:1].lower() + error.msg[1:]) from error
    return value, _skip(text, end)


def _where(text: _Text, at: int) -> tuple[int, int]:
    before = bisect_left(text.ends, at)
    return before + 1, at - (text.ends[before - 1] if before else -1)


def _wrong(text: _Text, at: int, reason: str) -> JsonError:
    return JsonError(_where(text, at)[0], reason)
