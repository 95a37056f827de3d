"""A reader's and a writer's schema at one place, and how a change between them is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ci_steps.comparisons.changes import Change, Level, Location

NAMED = frozenset({"record", "error", "enum", "fixed"})


@dataclass(frozen=True)
class Pair:
    """Two schemas at *path*; `new_reads` says whether the reader is the new one."""

    path: str
    reader: Any
    writer: Any
    reader_at: Location | None
    writer_at: Location | None
    new_reads: bool

    def down(self, path: str, reader: Any, writer: Any) -> Pair:
        """Return a part of the two, in the same place."""
        return replace(self, path=path, reader=reader, writer=writer)

    def at(self, reader_at: Location | None, writer_at: Location | None) -> Pair:
        """Return the two in a more exact place, where that is known."""
        return replace(
            self,
            reader_at=reader_at or self.reader_at,
            writer_at=writer_at or self.writer_at,
        )

    @property
    def added(self) -> str:
        """Return what it is called that the reader has and the writer has not."""
        return "added" if self.new_reads else "removed"

    @property
    def removed(self) -> str:
        """Return what it is called that the writer has and the reader has not."""
        return "removed" if self.new_reads else "added"

    def moved(self, reader: Any, writer: Any) -> str:
        """Return ``from … to …``, the old value first."""
        old, new = (writer, reader) if self.new_reads else (reader, writer)
        return f"from {'none' if old is None else old} to {'none' if new is None else new}"

    def change(
        self, rule: str, text: str, *, of: str = "", level: Level = Level.BREAKING
    ) -> Change:
        """Return a change of *path*, or of the part *of* it."""
        places = (self.reader_at, self.writer_at)
        old, new = reversed(places) if self.new_reads else places
        return Change(f"avro-{rule}", level, f"{self.path}{of}", text, old, new)


def name(schema: Any) -> str:
    """Return how people call a schema."""
    return str(schema.fullname if schema.type in NAMED else schema.type)


def aliases(thing: Any) -> frozenset[str]:
    """Return the other names of a type or a field."""
    written = thing.props.get("aliases")
    return frozenset(written if isinstance(written, list) else ())
