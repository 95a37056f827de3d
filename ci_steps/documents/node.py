"""A value of a document, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.comparisons.changes import Location

if TYPE_CHECKING:
    from ci_steps.documents.library import Library

Path = tuple[str | int, ...]


class File(Protocol):
    """A document that was read: its name, its value, and the place of any part of it."""

    @property
    def name(self) -> str:
        """The name it has in the contract."""

    @property
    def value(self) -> Any:
        """What it says."""

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column of the key (or item) that *path* leads to."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as a part of a contract, whose references can be followed."""

    file: File
    library: Library

    @property
    def root(self) -> Node:
        """The whole document."""
        return Node(self, (), self.file.value)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value at the end of a path of keys; two are one when they stand at one place."""

    document: Document
    path: Path
    value: Any

    @property
    def place(self) -> tuple[str, Path]:
        """What tells it from all others of its contract."""
        return self.document.file.name, self.path

    @property
    def location(self) -> Location:
        """Where its key stands, for people."""
        return Location(self.document.file.name, *self.document.file.position(self.path))

    @property
    def name(self) -> str:
        """The last key that leads to it."""
        return str(self.path[-1]) if self.path else ""

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.value, dict)

    def get(self, key: str) -> Node | None:
        """Return what is under *key*; None if it is not there or this is no mapping."""
        if isinstance(self.value, dict) and key in self.value:
            return Node(self.document, (*self.path, key), self.value[key])
        return None

    def at(self, *keys: str) -> Node | None:
        """Return what several keys lead to."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node is not None else None
        return node

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Yield key and value of a mapping, nothing of anything else."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(self.document, (*self.path, key), value)

    def items(self) -> Iterator[Node]:
        """Yield the items of a list, nothing of anything else."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.document, (*self.path, index), value)

    def resolved(self) -> Node:
        """Return what it stands for: itself, or what its `$ref` leads to in the end."""
        return self.document.library.resolved(self)
