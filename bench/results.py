"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comparisons import Row

_COLUMNS = ("what", "median", "min", "memory", "compared with", "times", "budget", "")
_MEGABYTE = 1_000_000
_COMPARED_PACKAGES = ("ci-steps", "nox", "pre-commit", "SQLAlchemy", "click")


def machine() -> dict[str, Any]:
    """Return what a reader needs to know about where this was measured, and nothing more."""
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _COMPARED_PACKAGES},
    }


def document(rows: Sequence[Row], rounds: int) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        "schema": "ci-steps/bench/1",
        "machine": machine(),
        "rounds": rounds,
        "rows": [{**vars(row), "within": row.within} for row in rows],
    }


def table(rows: Sequence[Row]) -> str:
    """Return the rows with their columns aligned."""
    cells = [_COLUMNS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if number in _RIGHT else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


_RIGHT = {1, 2, 3, 5}


def _cells(row: Row) -> tuple[str, ...]:
    if row.problem:
        return (row.name, "", "", "", row.peer, "", "", f"not measured: {row.problem}")
    return (
        row.name,
        _milliseconds(row.median_seconds),
        _milliseconds(row.min_seconds),
        f"{row.peak_bytes / _MEGABYTE:.0f} MB",
        row.peer,
        "" if row.ratio is None else f"{row.ratio:.1f}",
        _budget(row),
        _verdict(row),
    )


def _verdict(row: Row) -> str:
    if row.within is None:
        return f"no figure of {row.peer}" if row.peer else ""
    return "within" if row.within else "missed"


def _budget(row: Row) -> str:
    if row.most_seconds is not None:
        return f"{_milliseconds(row.most_seconds)} after the slowest answer"
    return "" if row.most_times is None else f"{row.most_times:g} times"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
