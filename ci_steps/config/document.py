"""YAML files that people write: read safely, with the line of every key.

Scalars follow YAML 1.2 (``yes`` is a text, ``010`` is ten): what a reader of the file would
expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ci_steps.config.yaml_values import Builder, KeyPath, written_path
from ci_steps.errors import ConfigError, Problem

__all__ = ["Document", "KeyPath", "parse", "parse_all", "read", "read_text", "written_path"]

_MOST_BYTES = 1_000_000


@dataclass
class Document:
    """The content of a file, and the line of every value in it by its path of keys."""

    file: str
    content: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)


def read(path: Path, *, shown: str = "", most_bytes: int = _MOST_BYTES) -> Document:
    """Read a file; `shown` is how messages name it."""
    name = shown or str(path)
    return parse(read_text(path, shown=name, most_bytes=most_bytes), name)


def read_text(path: Path, *, shown: str = "", most_bytes: int = _MOST_BYTES) -> str:
    """Return what a file says, or ConfigError with the reason why it cannot be read."""
    name = shown or str(path)
    try:
        with path.open("rb") as file:
            # Not the size the file says it has: a device says none, and has no end.
            content = file.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise _unreadable(name, f"is longer than {most_bytes:,} bytes")
        return content.decode("utf-8-sig")
    except IsADirectoryError:
        raise _unreadable(name, "is a folder, not a file") from None
    except UnicodeDecodeError as error:
        raise _unreadable(name, f"is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise _unreadable(name, f"cannot be read: {_reason(error)}") from None
    except ValueError:  # a name with a zero character
        raise _unreadable(repr(name), "is not the name of a file") from None


def parse(text: str, file: str) -> Document:
    """Read a text; every duplicate key is reported."""
    built = _built(text, file, many=False)
    return Document(file, built.result, built.lines)


def parse_all(text: str, file: str) -> tuple[Document, ...]:
    """Read a text of many documents with ``---`` between them; empty ones are left out."""
    finished = _built(text, file, many=True).finished
    return tuple(
        Document(file, content, lines) for content, lines in finished if content is not None
    )


def _built(text: str, file: str, *, many: bool) -> Builder:
    builder = Builder(file, many=many)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        raise ConfigError([*builder.problems, _not_yaml(error, file, text)]) from None
    if builder.problems:
        raise ConfigError(builder.problems)
    return builder


def _events(text: str) -> Iterator[yaml.Event]:
    loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
    return events


def _not_yaml(error: yaml.YAMLError, file: str, text: str) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(file, 0, "", f"is not YAML: {str(error).splitlines()[0]}")
    last = max(1, len(text.splitlines()))
    lines = [min(mark.line + 1, last) for mark in (error.context_mark, error.problem_mark) if mark]
    reason = ", ".join(filter(None, (error.context, error.problem)))
    if len(set(lines)) > 1:
        reason += f" (begun in line {lines[0]})"
    return Problem(file, lines[-1] if lines else 0, "", f"is not YAML: {reason}")


def _unreadable(name: str, reason: str) -> ConfigError:
    return ConfigError([Problem(name, 0, "", reason)])


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
