"""YAML -> values, in parts.

A mapping in block style is cut at the lines of its keys, and a part is read by itself: equal parts
of two releases are read once, and a place is looked for in one part. Where a text is not plainly
such a mapping, it is read as a whole, so that what it means is always what YAML says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ci_steps.documents.lines import Lines
from ci_steps.documents.node import Path
from ci_steps.documents.parts import DocumentError, Parts
from ci_steps.documents.yaml_events import places, values

# Of parts that are shorter nothing is gained by cutting them.
_LEAST_LENGTH = 8_000
_MARK = re.compile(r"^(?:---|\.\.\.|%|\t)", re.MULTILINE)
_KEY = re.compile(r""" *(?:[A-Za-z0-9_$/.][^\s:#]*|"[^"\\\n]*"|'[^'\n]*'):(?=[ \n]|$)""")
_ONLY_KEY = re.compile(rf"{_KEY.pattern}[ ]*(?:#.*)?\n")
_FIRST = re.compile(r"^( *)[^ #\n\r]", re.MULTILINE)


@dataclass(frozen=True)
class _Part:
    """A text of one or more keys that is read by itself."""

    path: Path  # of the mapping that it is in
    start: int
    end: int


class YamlFile:
    """A file of YAML; DocumentError if it is none, or a key is there twice."""

    def __init__(self, name: str, text: str, parts: Parts) -> None:
        self.name = name
        self._text, self._lines, self._parts = text, Lines(text), parts
        self._part_of: dict[Path, _Part] = {}
        self._keys: dict[Path, int] = {}  # where keys begin at which a text was cut
        self._places: dict[_Part, dict[Path, tuple[int, int]]] = {}
        self.value: Any = None
        if not _MARK.search(text):
            # What is wrong with a part is said when the whole is read.
            with suppress(DocumentError):
                self.value = self._mapping((), 0, len(text))
        if self.value is None:
            self._part_of, self._keys = {(): _Part((), 0, len(text))}, {}
            self.value = values(text)

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column of the key (or item) that *path* leads to."""
        if path in self._keys:
            return self._lines.position(self._keys[path])
        part = next(
            self._part_of[path[:length]]
            for length in range(len(path), -1, -1)
            if path[:length] in self._part_of
        )
        if part not in self._places:
            self._places[part] = places(self._text[part.start : part.end])
        found, below = self._places[part], path[len(part.path) :]
        # What an alias or `<<` brings stands where that is written.
        while below not in found:
            below = below[:-1]
        line, column = found[below]
        return self._lines.position(part.start)[0] + line - 1, column

    def _mapping(self, path: Path, start: int, end: int) -> dict[str, Any] | None:
        """Return the mapping of these lines, part by part; None if they are not plainly one."""
        cuts = self._key_lines(start, end)
        if cuts is None:
            return None
        self._keys[path] = cuts[0]
        content: dict[str, Any] = {}
        for begin, after in zip(cuts, [*cuts[1:], end], strict=True):
            for key, value in self._entry(path, begin, after).items():
                if key in content:
                    line = self._lines.position(begin)[0]
                    raise DocumentError(line, f"{key!r} is there twice")
                content[key] = value
        return content

    def _entry(self, path: Path, start: int, end: int) -> dict[str, Any]:
        header = _ONLY_KEY.match(self._text, start, end)
        if header is not None and end - start > _LEAST_LENGTH:
            (key,) = values(header[0], with_anchors=False)
            own = (*path, key)
            below = self._mapping(own, header.end(), end)
            if below is not None:
                self._keys[own] = _first(self._text, start)
                return {key: below}
        content = self._read(self._text[start:end])
        if not isinstance(content, dict):
            raise DocumentError(self._lines.position(start)[0], "not plainly a mapping")
        part = _Part(path, start, end)
        self._part_of.update({(*path, key): part for key in content})
        if len(content) == 1:
            only = (*path, *content)
            self._keys[only] = _first(self._text, start)
        return content

    def _read(self, text: str) -> Any:
        if text not in self._parts.by_text:
            # What an alias stands for may be in another part, and how much in all of them.
            self._parts.by_text[text] = values(text, with_anchors=False)
        return self._parts.by_text[text]

    def _key_lines(self, start: int, end: int) -> list[int] | None:
        first = _FIRST.search(self._text, start, end)
        if first is None:
            return None
        lines = list(_at_indent(self._text, len(first[1]), start, end))
        is_mapping = all(_KEY.match(self._text, line, end) for line in lines)
        return lines if is_mapping else None


def _first(text: str, line: int) -> int:
    """Return where the key of a line begins."""
    return next(at for at in range(line, len(text)) if text[at] != " ")


def _at_indent(text: str, indent: int, start: int, end: int) -> Iterator[int]:
    """Yield where the lines begin that have exactly this indent; comments are none."""
    pattern = re.compile(rf"^ {{{indent}}}(?=[^ #\n\r])", re.MULTILINE)
    for found in pattern.finditer(text, start, end):
        yield found.start()
