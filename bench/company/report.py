"""What was measured, as a Markdown table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from company.measuring import Measured

_KINDS = {"usual": "", "hub": " of a hub", "whole": "", "list": "", "write": ""}


def document(
    measured: Sequence[Measured], rows: Mapping[str, int], loading_seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        "schema": "ci-steps/bench-company/1",
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.system(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "sqlalchemy": version("SQLAlchemy"),
        },
        "rows": rows,
        "loading_seconds": loading_seconds,
        "questions": [{**asdict(one), "within": one.within} for one in measured],
    }


def table(measured: Sequence[Measured]) -> str:
    """Return a line for each question, with the databases side by side."""
    databases = list(dict.fromkeys(one.database for one in measured))
    found = {(one.question, one.kind, one.database): one for one in measured}
    columns = " | ".join(f"{name}: median | p99 | least | " for name in databases)
    lines = [
        f"| question | budget | {columns} |",
        "|---|--:|" + "--:|--:|--:|---|" * len(databases),
    ]
    for question, kind in dict.fromkeys((one.question, one.kind) for one in measured):
        cells = [found.get((question, kind, name)) for name in databases]
        lines.append(_line(f"{question}{_KINDS[kind]}", [one for one in cells if one]))
    return "\n".join(lines)


def _line(name: str, cells: Sequence[Measured]) -> str:
    shown = [
        f"{one.median:.1f} | {one.p99:.1f} | {one.least:.1f} | {'' if one.within else 'missed'}"
        for one in cells
    ]
    return f"| {name} | {cells[0].budget or ''} | {' | '.join(shown)} |"
