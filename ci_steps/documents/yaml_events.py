"""YAML events -> values, or the places of their keys.

PyYAML's composer calls itself for every level and makes a node of every scalar; events do
neither. libyaml makes the events, in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
)

from ci_steps.documents.node import Path
from ci_steps.documents.parts import DocumentError
from ci_steps.documents.scalars import plain

_MOST_LEVELS = 200
# Values behind an alias count each time: ten lines can stand for a billion values.
_MOST_VALUES = 5_000_000
_TEXT_TAG = "tag:yaml.org,2002:str"
_MERGE = "<<"
# Only events are asked for, which are safe with any loader; the second is where libyaml is not.
_Parser: Any = getattr(yaml, "CLoader", yaml.Loader)


def events(text: str) -> Any:
    """Return a parser of *text*, whose `get_event` ends with a StreamEndEvent."""
    return _Parser(text)


def values(text: str, *, with_anchors: bool = True) -> Any:
    """Return the value of a text with one document; DocumentError if it has none."""
    builder = _Builder(with_anchors)
    parser = events(text)
    try:
        builder.build(parser.get_event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(mark.line + 1 if mark else 1, _reason(error)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(line, f"the character {chr(error.character)!r} is not read") from None
    finally:
        parser.dispose()
    if not builder.documents:
        raise DocumentError(1, "the file is empty")
    return builder.root


def _reason(error: yaml.MarkedYAMLError) -> str:
    return " ".join(filter(None, (error.context, error.problem)))


@dataclass(slots=True)
class _Anchored:
    """A collection with an anchor: its content is known when it has ended."""

    name: str
    size_before: int


class _Builder:
    """Builds values, without recursion."""

    def __init__(self, with_anchors: bool) -> None:  # noqa: FBT001 (one place makes it)
        self._with_anchors = with_anchors
        self.root: Any = None
        self.documents = 0
        self._size = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._content: Any = None  # the innermost open mapping or list
        self._key: str | None = None
        self._open: list[tuple[Any, str | None, _Anchored | None]] = []
        self._scalars: dict[str, Any] = {}

    def build(self, next_event: Callable[[], Event]) -> None:
        """Take all events; most of the time of a reading is spent here, and most are scalars."""
        scalar = self._scalar
        while (kind := (event := next_event()).__class__) is not StreamEndEvent:
            if kind is ScalarEvent:
                scalar(event)
            else:
                self._take(event, kind)

    def _take(self, event: Event, kind: type[Event]) -> None:
        if isinstance(event, CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, CollectionEndEvent):
            self._end(event)
        elif kind is AliasEvent:
            self._alias(event)
        elif kind is DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                _refuse(event, "a second document (---) is not read")

    def _scalar(self, event: Any) -> None:
        text, content = event.value, self._content
        if event.anchor or event.tag is not None:
            self._check_scalar(event)
        if self._key is None and content.__class__ is dict:
            if text in content:
                _refuse(event, f"{text!r} is there twice")
            content[text] = None
            self._key = text
            return
        if event.style or not event.implicit[0]:
            value = text
        elif text in self._scalars:
            value = self._scalars[text]
        else:
            value = self._scalars[text] = plain(text)
        if event.anchor:
            self._anchors[event.anchor] = value, 1
        self._put(value, 1, event)

    def _check_scalar(self, event: Any) -> None:
        if event.tag not in {None, "!", _TEXT_TAG}:
            _refuse(event, f"the tag {event.tag} is not read")
        if event.anchor:
            self._check_anchor(event)

    def _put(self, value: Any, size: int, event: Any) -> None:
        self._size += size
        if self._size > _MOST_VALUES:
            _refuse(event, f"more than {_MOST_VALUES:,} values")
        content = self._content
        if content.__class__ is dict:
            content[self._key] = value
            self._key = None
        elif content is None:
            self.root = value
        else:
            content.append(value)

    def _begin(self, event: Any) -> None:
        self._no_key(event)
        if event.tag not in {None, "!"}:
            _refuse(event, f"the tag {event.tag} is not read")
        if len(self._open) >= _MOST_LEVELS:
            _refuse(event, f"more than {_MOST_LEVELS} levels of nesting")
        content: Any = {} if event.__class__ is MappingStartEvent else []
        if event.anchor:
            self._check_anchor(event)
        outer, key = self._content, self._key
        self._put(content, 1, event)
        anchored = _Anchored(event.anchor, self._size) if event.anchor else None
        self._open.append((outer, key, anchored))
        self._content, self._key = content, None

    def _end(self, event: Any) -> None:
        content = self._content
        if content.__class__ is dict and _MERGE in content:
            _merge(content, event)
        self._content, _, anchored = self._open.pop()
        self._key = None
        if anchored is not None:
            self._anchors[anchored.name] = content, self._size - anchored.size_before + 1

    def _alias(self, event: Any) -> None:
        self._no_key(event)
        if event.anchor not in self._anchors:
            _refuse(event, f"the alias *{event.anchor} has no anchor before it")
        value, size = self._anchors[event.anchor]
        self._put(value, size, event)

    def _check_anchor(self, event: Any) -> None:
        if not self._with_anchors:
            _refuse(event, "an anchor is not read here")

    def _no_key(self, event: Any) -> None:
        if self._content.__class__ is dict and self._key is None:
            _refuse(event, "a key must be a text")


def _merge(content: dict[str, Any], event: Any) -> None:
    """Put what `<<` brings into *content*, behind what it says itself."""
    brought = content.pop(_MERGE)
    for one in brought if isinstance(brought, list) else [brought]:
        if not isinstance(one, dict):
            _refuse(event, "<< brings no mapping")
        for key, value in one.items():
            content.setdefault(key, value)


def _refuse(event: Any, reason: str) -> NoReturn:
    raise DocumentError(event.start_mark.line + 1, reason)


def places(text: str) -> dict[Path, tuple[int, int]]:
    """Return line and column of every key and item of a text that was read before."""
    found: dict[Path, tuple[int, int]] = {}
    path: list[Any] = []  # a key that is awaited is None, an item its number
    parser = events(text)
    while not isinstance(event := parser.get_event(), StreamEndEvent):
        if isinstance(event, CollectionEndEvent):
            path.pop()
            _step(path)
        elif isinstance(event, (ScalarEvent, AliasEvent, CollectionStartEvent)):
            mark: Any = event.start_mark
            if path and path[-1] is None and isinstance(event, ScalarEvent):
                path[-1] = event.value
                found[tuple(path)] = mark.line + 1, mark.column + 1
                continue
            found.setdefault(tuple(path), (mark.line + 1, mark.column + 1))
            if isinstance(event, CollectionStartEvent):
                path.append(None if isinstance(event, MappingStartEvent) else 0)
            else:
                _step(path)
    parser.dispose()
    return found


def _step(path: list[Any]) -> None:
    """Go on to the next item or key."""
    if path:
        last = path[-1]
        path[-1] = last + 1 if isinstance(last, int) else None
