"""Rows as the driver has them, where there are thousands or every millisecond counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Executable


class Moment(Protocol):
    """A time as the driver has it, in a file a text: only to be compared with others of them."""

    def __lt__(self, other: Any, /) -> bool:
        """Return whether it was before another one."""

    def __ge__(self, other: Any, /) -> bool:
        """Return whether it was not."""


def plain_rows(
    connection: Connection, statement: Executable, given: Mapping[str, Any] | None = None
) -> Sequence[Any]:
    """Return the rows of a question as tuples of numbers, texts and None.

    SQLAlchemy makes an object of every row, which takes longer than reading it. So nothing is
    converted here: a time comes as `Utc` never shows it, and a truth of a file as 0 or 1.
    """
    result = connection.execute(statement, given or {})
    rows: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return rows
