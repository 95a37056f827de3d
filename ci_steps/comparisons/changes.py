"""What a comparison of two contracts is asked and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """What a change is to callers; a higher one is worse."""

    COMPATIBLE = 0
    WARNING = 1  # breaks some callers: refused in a bugfix
    BREAKING = 2

    @property
    def word(self) -> str:
        """The level as people and scripts read it."""
        return self.name.lower()


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

    @property
    def places(self) -> str:
        """Both places as people look for them: ``old.yaml:5 → new.yaml:7``, or the one there is.

        Where both say the same, it is said once; what is gone stands where it was.
        """
        told = dict.fromkeys(str(place) for place in (self.old, self.new) if place)
        return " → ".join(told)


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


@dataclass(frozen=True)
class Compared:
    """What callers of the release before notice, or the problem why nobody can say.

    A problem is `serious` when something is wrong with a contract, and not only unknown.
    """

    changes: tuple[Change, ...] = ()
    format: str = ""
    problem: str = ""
    serious: bool = False
    same: bool = False

    @property
    def level(self) -> Level | None:
        """The level of the worst change; None where nothing was compared."""
        return None if self.problem else worst(self.changes)


def worst(changes: Iterable[Change]) -> Level:
    """Return the highest level, compatible if there is no change."""
    return max((change.level for change in changes), default=Level.COMPATIBLE)


def as_json(changes: Iterable[Change]) -> dict[str, Any]:
    """Return changes as they are published and kept; the inverse of `from_json`.

    Many changes of a large API are reached by the same operations: each list is there once.
    """
    numbers: dict[tuple[str, ...], int] = {}
    written = [
        {
            "rule": change.rule,
            "level": change.level.word,
            "subject": change.subject,
            "text": change.text,
            "old": _place(change.old),
            "new": _place(change.new),
            "reached_by": numbers.setdefault(change.reaches, len(numbers)),
        }
        for change in changes
    ]
    return {"changes": written, "operations": [list(names) for names in numbers]}


def from_json(document: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the changes of a document that `as_json` made."""
    operations = [tuple(names) for names in document["operations"]]
    return tuple(
        Change(
            one["rule"],
            Level[one["level"].upper()],
            one["subject"],
            one["text"],
            _location(one["old"]),
            _location(one["new"]),
            operations[one["reached_by"]],
        )
        for one in document["changes"]
    )


def _place(place: Location | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def _location(document: Mapping[str, Any] | None) -> Location | None:
    return Location(document["file"], document["line"], document["column"]) if document else None
