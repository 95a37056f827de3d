"""Layers of values (defaults file, file, environment, flags), and where each value came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ci_steps.config.document import Document, KeyPath, written_path
from ci_steps.config.reading import Wrong
from ci_steps.errors import Problem

_LONGEST_TEXT = 500
_VERSION: KeyPath = ("version",)


@dataclass(frozen=True)
class Origin:
    """Where a value came from: a file and line, a variable, a flag."""

    name: str
    line: int = 0

    def __str__(self) -> str:
        """Return it as messages show it."""
        return f"{self.name}:{self.line}" if self.line else self.name


@dataclass
class Layers:
    """Raw values by key, later layers over earlier ones; lists are replaced, mappings merged.

    `wrong` is what cannot even be a layer, such as a variable nobody knows.
    """

    content: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def add_document(self, document: Document) -> None:
        """Put the values of a file over what is there."""
        replaced: set[KeyPath] = set()
        self.content = _merged(self.content, document.content or {}, (), replaced)
        self._forget_below(replaced)
        for path, line in document.lines.items():
            self.origins[path] = Origin(document.file, line)

    def put(self, path: KeyPath, value: Any, origin: Origin) -> None:
        """Put one value over what is there."""
        mapping = self.content
        for depth, key in enumerate(path[:-1], start=1):
            inner = mapping.get(str(key))
            if inner is not None and not isinstance(inner, Mapping):
                return  # it is reported where it stands
            # A copy: through an alias the same mapping may stand in two places.
            mapping[str(key)] = dict(inner or {})
            mapping = mapping[str(key)]
            self.origins.setdefault(path[:depth], origin)
        mapping[str(path[-1])] = value
        self._forget_below({path})
        self.origins[path] = origin

    def refuse(self, path: KeyPath, text: str, origin: Origin) -> None:
        """Note something wrong that comes from *origin*."""
        self.origins[path] = origin
        self.wrong.append(Wrong(path, text))

    def origin(self, path: KeyPath) -> Origin | None:
        """Return where the value at *path*, or the nearest value around it, came from."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return None

    def problems(self, wrong: Iterable[Wrong], file: str) -> list[Problem]:
        """Place what is wrong: in the file and line, variable or flag that said it."""
        placed = []
        for path, text in wrong:
            origin = self.origin(path) or Origin(file)
            key = written_path(path)
            key = "" if key == origin.name else key
            placed.append(Problem(origin.name, origin.line, _shortened(key), _shortened(text)))
        return placed

    def _forget_below(self, replaced: set[KeyPath]) -> None:
        """Forget where the parts of replaced values came from."""
        if replaced:
            self.origins = {
                path: origin
                for path, origin in self.origins.items()
                if not any(path[:length] in replaced for length in range(len(path)))
            }


def _merged(under: Any, over: Any, path: KeyPath, replaced: set[KeyPath]) -> Any:
    if not isinstance(under, Mapping):
        replaced.add(path)
        return over
    if over is None:
        return under  # a null section says nothing
    if not isinstance(over, Mapping) or (_is_choice(path) and set(under) != set(over)):
        replaced.add(path)
        return over
    inner = {
        key: _merged(under[key], value, (*path, key), replaced) if key in under else value
        for key, value in over.items()
    }
    return {**under, **inner}


def _is_choice(path: KeyPath) -> bool:
    """Return whether of what stands here only one can hold, so that two are never merged."""
    environment_target = path[:1] == ("environments",) and path[2:] == ("target",)
    return path == _VERSION or environment_target


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
