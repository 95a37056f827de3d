"""Files of JSON and YAML as values of a class; every problem says its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ci_steps.changelog.form_reading import Reading
from ci_steps.changelog.forms import Path
from ci_steps.documents.json_file import JsonFile
from ci_steps.documents.parts import DocumentError, Parts
from ci_steps.documents.yaml_file import YamlFile
from ci_steps.errors import Problem

if TYPE_CHECKING:
    from ci_steps.documents.node import File

_T = TypeVar("_T")


@dataclass(frozen=True)
class Placed(Generic[_T]):
    """What a file says, and where it says it."""

    value: _T
    file: File

    def problem(self, path: Path, text: str) -> Problem:
        """Return what is wrong at *path*."""
        return _problem(self.file, path, text)


class UnreadableError(Exception):
    """A file does not say what it should; the problems are all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def read_json(kind: type[_T], text: str, name: str) -> Placed[_T]:
    """Read a text of JSON."""
    return _read(kind, lambda: JsonFile(name, text, Parts()), name)


def read_yaml(kind: type[_T], text: str, name: str) -> Placed[_T]:
    """Read a text of YAML."""
    return _read(kind, lambda: YamlFile(name, text, Parts()), name)


def _read(kind: type[_T], opened: Callable[[], File], name: str) -> Placed[_T]:
    try:
        file = opened()
    except DocumentError as error:
        raise UnreadableError([Problem(name, error.line, "", str(error))]) from None
    reading = Reading()
    value = reading.read(kind, file.value)
    if value is None:
        raise UnreadableError(_problem(file, path, text) for path, text in reading.wrong)
    return Placed(value, file)


def _problem(file: File, path: Path, text: str) -> Problem:
    return Problem(file.name, _line(file, path), written(path), text)


def _line(file: File, path: Path) -> int:
    """Return the line of what *path* leads to, or of what it would be in."""
    value: Any = file.value
    known = 0
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            break
        known += 1
    return file.position(path[:known])[0]


def written(path: Path) -> str:
    """Return a path as people write it: ``history[0].changes[2].sort``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
