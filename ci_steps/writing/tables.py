"""Tables as text: hardly a word is broken, and what is too wide for columns stands row by row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

_Rows = Sequence[Sequence[str]]

_BETWEEN = 3
_EDGES = 2
# A sentence in a narrower column is read word by word.
_LEAST_FOR_TEXT = 16
# No version or name of ours is longer; what is, is an address or a path.
_LONGEST_WHOLE = 24
# What would move the cursor, ring, or give a terminal orders.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")


def plain(text: str) -> str:
    """Return *text* without anything that gives a terminal orders."""
    return _CONTROL.sub(" ", text)


def table_text(
    columns: Sequence[str], rows: _Rows, title: str, *, color: bool, width: int | None
) -> str:
    """Return a table as text; without a width, as wide as the terminal.

    Where all columns have no room, those without any content go first. Where versions
    and the like had to be broken all the same, each row is a list of its own.
    """
    from rich.console import Console
    from rich.text import Text

    rich = Console(color_system="standard" if color else None, width=width, force_terminal=color)
    clean = [[plain(cell) for cell in row] for row in rows]
    with rich.capture() as captured:
        if title:
            rich.print(Text(title, "bold"))
        rich.print(_shape(columns, clean, rich.width))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n")


def _shape(columns: Sequence[str], rows: _Rows, room: int) -> Table:
    widest = _widths(columns, rows)
    if _total(widest) <= room:
        return _grid(columns, rows, widest)
    kept = [at for at in range(len(columns)) if any(row[at] for row in rows)]
    columns = [columns[at] for at in kept]
    rows = [[row[at] for at in kept] for row in rows]
    widths = _spread(_least(columns, rows), _widths(columns, rows), room)
    return _grid(columns, rows, widths) if widths else _lists(columns, rows)


def _grid(columns: Sequence[str], rows: _Rows, widths: Sequence[int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    shape = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        shape.add_column(column, overflow="fold", width=width)
    for row in rows:
        shape.add_row(*map(Text, row))
    return shape


def _lists(columns: Sequence[str], rows: _Rows) -> Table:
    """Return a line for each cell that has a content, and an empty one between rows."""
    from rich.table import Table
    from rich.text import Text

    shape = Table.grid(padding=(0, _BETWEEN, 0, 1), pad_edge=True)
    shape.add_column(style="bold", no_wrap=True)
    shape.add_column(overflow="fold")
    for row in rows:
        shape.add_row()
        for column, cell in zip(columns, row, strict=True):
            if cell:
                shape.add_row(Text(column), Text(cell))
    return shape


def _widths(columns: Sequence[str], rows: _Rows) -> list[int]:
    """Return how wide each column is if nothing is wrapped."""
    return [max(map(_cells, _lines(columns, rows, at))) for at in range(len(columns))]


def _least(columns: Sequence[str], rows: _Rows) -> list[int]:
    """Return how narrow each column can be so that it is still read with ease."""
    return [_narrowest(_lines(columns, rows, at)) for at in range(len(columns))]


def _narrowest(lines: Sequence[str]) -> int:
    words = (word for line in lines for word in line.split())
    longest = min(max(map(_cells, words), default=0), _LONGEST_WHOLE)
    return max(longest, min(max(map(_cells, lines)), _LEAST_FOR_TEXT))


def _lines(columns: Sequence[str], rows: _Rows, at: int) -> list[str]:
    return [columns[at], *(line for row in rows for line in row[at].splitlines())]


def _spread(least: Sequence[int], widest: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns in *room*, what is short first; none if they have no room."""
    left = room - _total(least)
    if left < 0:
        return []
    widths = list(least)
    by_need = sorted(range(len(least)), key=lambda at: widest[at] - least[at])
    for done, at in enumerate(by_need):
        more = min(widest[at] - least[at], left // (len(by_need) - done))
        widths[at] += more
        left -= more
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _BETWEEN * (len(widths) - 1) + _EDGES


def _cells(text: str) -> int:
    """Return how many columns of a terminal a text takes: some scripts take two for a letter."""
    from rich.cells import cell_len

    return cell_len(text)
