"""Cells of a table that a program reads otherwise than a person: whole, and not as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ci_steps.moments import iso_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from typing_extensions import Self

_COMMIT = 12


class Cell(str):
    """What stands in a table, with the *value* that stands in a document of JSON for it."""

    __slots__ = ("value",)
    value: Any

    def __new__(cls, shown: str, value: Any) -> Self:
        """Return a cell that people see as *shown*."""
        cell = super().__new__(cls, shown)
        cell.value = value
        return cell


def value_of(cell: str) -> Any:
    """Return what a program reads of a cell: null where nothing stands in it."""
    return cell.value if isinstance(cell, Cell) else cell or None


def moment(at: datetime | None) -> Cell:
    """Return a time: to the minute for people, whole and with its zone for programs, or null."""
    return Cell(f"{at:%Y-%m-%d %H:%M}", iso_text(at)) if at else Cell("", None)


def commit(name: str) -> Cell:
    """Return a commit, which people tell by its beginning."""
    return Cell(name[:_COMMIT], name or None)


def number(count: int) -> Cell:
    """Return a whole number."""
    return Cell(str(count), count)


def listed(values: Iterable[str], *, between: str = ", ", none: str = "") -> Cell:
    """Return several texts as one; *none* says that there are none."""
    found = list(values)
    return Cell(between.join(found) or none, found)


def owned_by(name: str) -> Cell:
    """Return the name of an owner, nobody for people and null for programs where there is none."""
    return Cell(name or "nobody", name or None)
