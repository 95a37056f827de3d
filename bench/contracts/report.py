"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from results import machine

from contracts.measuring import BUDGET_BYTES, BUDGET_SECONDS, Measured
from contracts.programs import OURS
from contracts.size import Size

_WHAT = ("what", "document", "time", "CPU", "memory", "findings")
_COLUMNS = (*_WHAT, "missing", "more", "budget", "")
_MEGABYTE = 1_000_000


def document(measured: Sequence[Measured], size: Size, rounds: int) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        "schema": "ci-steps/bench-contracts/1",
        "machine": machine(),
        "rounds": rounds,
        "schemas": size.schemas,
        "operations": size.operations,
        "edits": size.edits,
        "rows": [{**vars(one), "within": one.within} for one in measured],
    }


def table(measured: Sequence[Measured]) -> str:
    """Return the rows with their columns aligned."""
    cells = [_COLUMNS, *map(_cells, measured)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cells(one: Measured) -> tuple[str, ...]:
    documents = f"{one.bytes / _MEGABYTE:.1f} MB {one.syntax}"
    if one.problem:
        return (one.program, documents, *[""] * 7, f"not measured: {one.problem}")
    return (
        one.program,
        documents,
        f"{one.seconds:.2f} s",
        f"{one.cpu_seconds:.2f} s",
        f"{one.peak_bytes / _MEGABYTE:.0f} MB",
        f"{one.findings:,}",
        str(one.missing),
        f"{one.more:,}",
        _budget(one),
        {None: "", True: "within", False: "missed"}[one.within],
    )


def _budget(one: Measured) -> str:
    if one.program != OURS:
        return ""
    return f"{BUDGET_SECONDS[one.syntax]:g} s, {BUDGET_BYTES / _MEGABYTE:.0f} MB"
