"""Several questions as one statement: a server is waited for once.

Each is written as if it were asked alone, and has its own rows as an answer:

    _BOTH = Together(select(service.c.name), select(alias.c.name, alias.c.service_id))
    services, aliases = _BOTH.ask(connection)
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, literal_column, null, select, union_all

from ci_steps.dictionary.statements.plain import plain_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Select, SelectBase


class Together:
    """Questions that need nothing of each other's answers; they are given their values together."""

    def __init__(self, *questions: SelectBase) -> None:
        self._statement = union_all(*(_beside(questions, place) for place in range(len(questions))))
        ends = list(accumulate((len(one.selected_columns) for one in questions), initial=1))
        self._columns = [slice(*ends[place : place + 2]) for place in range(len(questions))]

    def ask(
        self, connection: Connection, given: Mapping[str, Any] | None = None
    ) -> list[list[Any]]:
        """Return the rows of each question, as `plain_rows` does; in which order, nobody knows."""
        found: list[list[Any]] = [[] for _ in self._columns]
        for row in plain_rows(connection, self._statement, given):
            place = row[0]
            found[place].append(row[self._columns[place]])
        return found


def _beside(questions: Sequence[SelectBase], place: int) -> Select[Any]:
    """Select the place of a question, and its columns between those of the others, left empty."""
    asked = questions[place].subquery(f"question_{place}")
    columns = [
        column
        for other, one in enumerate(questions)
        for column in (asked.c if other == place else _empty(one))
    ]
    return select(literal_column(str(place)), *columns)


def _empty(question: SelectBase) -> list[Any]:
    return [cast(null(), column.type) for column in question.selected_columns]
