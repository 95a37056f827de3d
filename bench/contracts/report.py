"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from results import machine

from contracts.measuring import BUDGET_BYTES, BUDGET_SECONDS, Measured
from contracts.programs import ALONE, OURS
from contracts.size import Size

_WHAT = ("what", "document", "time", "CPU", "memory", "findings")
_COLUMNS = (*_WHAT, "missing", "more", "budget", "")
_RULER = ("---", "---", *["--:"] * 6, "---", "---")
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
    """Return the rows as a table for docs/benchmarks.md."""
    rows = [_COLUMNS, _RULER, *map(_cells, measured)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(one: Measured) -> tuple[str, ...]:
    documents = f"{one.bytes / _MEGABYTE:.1f} MB {one.syntax}"
    if one.problem:
        return (_code(one), documents, *[""] * 7, f"not measured: {one.problem}")
    return (
        _code(one),
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


def _code(one: Measured) -> str:
    return one.program if one.program == ALONE else f"`{one.program}`"


def _budget(one: Measured) -> str:
    if one.program != OURS:
        return ""
    return f"{BUDGET_SECONDS[one.syntax]:g} s, {BUDGET_BYTES / _MEGABYTE:.0f} MB"
