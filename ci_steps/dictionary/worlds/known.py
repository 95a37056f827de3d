"""The names that a world file may use: those of the file, recorded by then, and all before them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, select

from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from typing_extensions import Self

    from ci_steps.dictionary.worlds.document import Document, KeyPath

# To find what was probably meant, a name is compared with all others.
_MOST_SEARCHED = 100


@dataclass
class Known:
    """All names of a kind; a name that is none of them is noted where it is used."""

    document: Document
    what: str
    names: Collection[str]
    _near: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection, document: Document, table: Table) -> Self:
        """Return the names in a table."""
        names = connection.execute(select(table.c.name)).scalars()
        return cls(document, table.name, frozenset(names))

    def has(self, path: KeyPath, name: str) -> bool:
        """Return whether *name* is known; if not, that is noted at its key below *path*."""
        if name in self.names:
            return True
        if name not in self._near and len(self._near) < _MOST_SEARCHED:
            self._near[name] = did_you_mean(name, self.names)
        text = f"unknown {self.what} {name!r}{self._near.get(name, '')}"
        self.document.wrong((*path, self.what), text)
        return False
