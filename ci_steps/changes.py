"""What a comparison of two contracts is asked and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """What a change is to callers; a higher one is worse."""

    COMPATIBLE = 0
    WARNING = 1  # breaks some callers: refused in a bugfix
    BREAKING = 2


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file of a contract; line and column count from 1, 0 is not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return it as compilers write it."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Change:
    """One difference between two contracts, found once however many operations reach it.

    `rule` is an id such as ``response-property-removed``; `subject` is what changed, such as
    ``GET /tokens 200 application/json /expires``; `text` is a sentence about it. Where the
    rule says so, `old` and `new` are its places; `reaches` are the operations that reach it.
    """

    rule: str
    level: Level
    subject: str
    text: str
    old: Location | None = None
    new: Location | None = None
    reaches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """The description of an API: one file, or several of one folder.

    `name` is what a user calls it (``openapi.yaml``, ``git:v1:openapi.yaml``, ``auth@1.1``);
    `main` is the name in `files` to start at, empty where all files are meant (``*.proto``).
    Names in `files` are relative, with ``/``; a mapping may read its files when asked.
    """

    name: str
    main: str
    files: Mapping[str, bytes]


def worst(changes: Iterable[Change]) -> Level:
    """Return the highest level, compatible if there is no change."""
    return max((change.level for change in changes), default=Level.COMPATIBLE)
