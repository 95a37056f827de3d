"""What comparing the two documents costs, and whether each edit is found, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from contracts.api import api
from contracts.edits import edited, expected, planned
from contracts.programs import ALONE, OASDIFF, OURS, Peer, Program, programs
from contracts.size import Size
from contracts.writing import as_json, as_yaml

if TYPE_CHECKING:
    from timing import Cost

WRITERS = {"json": as_json, "yaml": as_yaml}
BUDGET_SECONDS = {"json": 1.0, "yaml": 3.0}
BUDGET_BYTES = 300_000_000


@dataclass(frozen=True)
class Measured:
    """What one program came to on one pair; with a problem, nothing was measured.

    `findings` are breaking or warnings; `missing` and `more` compare them with the edits.
    """

    program: str
    syntax: str
    bytes: int
    seconds: float = 0
    cpu_seconds: float = 0
    peak_bytes: int = 0
    findings: int = 0
    missing: int = 0
    more: int = 0
    problem: str = ""

    @property
    def within(self) -> bool | None:
        """Return whether time and memory are within their budgets; None where there is none."""
        if self.problem or self.program != OURS:
            return None
        return self.seconds <= BUDGET_SECONDS[self.syntax] and self.peak_bytes <= BUDGET_BYTES


def write_pair(folder: Path, size: Size, syntaxes: Iterable[str] = WRITERS) -> Counter[str]:
    """Write ``old`` and ``new`` in each syntax; return what a comparison has to find."""
    old, edits = api(size), planned(size)
    new = edited(old, edits)
    for syntax in syntaxes:
        for name, document in (("old", old), ("new", new)):
            (folder / f"{name}.{syntax}").write_text(WRITERS[syntax](document), encoding="utf-8")
    return expected({}, edits)


def measure(
    folder: Path,
    size: Size,
    oasdiff: Peer,
    rounds: int,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
) -> tuple[Measured, ...]:
    """Return what every program came to in every syntax; oasdiff is so slow that it runs once."""
    wanted = write_pair(folder, size)
    found: list[Measured] = []
    for syntax in WRITERS:
        for name, program in programs(folder, syntax, oasdiff).items():
            progress(f"{name}, {syntax}")
            times = 1 if name == OASDIFF else rounds
            kept = folder / "printed"
            costs = [program.command.cost(environ, kept) for _ in range(times)]
            size_bytes = (folder / f"old.{syntax}").stat().st_size
            found.append(_measured(name, program, syntax, size_bytes, costs, wanted))
    return tuple(found)


def _measured(
    name: str,
    program: Program,
    syntax: str,
    size_bytes: int,
    costs: list[Cost],
    wanted: Counter[str],
) -> Measured:
    problem = next((cost.problem for cost in costs if cost.problem), "")
    if problem:
        return Measured(name, syntax, size_bytes, problem=problem)
    findings = program.findings(costs[-1].output)
    seconds = [
        _alone(cost) if name == ALONE else (cost.seconds, cost.cpu_seconds) for cost in costs
    ]
    return Measured(
        name,
        syntax,
        size_bytes,
        median(wall for wall, _ in seconds),
        median(cpu for _, cpu in seconds),
        max(cost.peak_bytes for cost in costs),
        sum(findings.values()),
        sum((wanted - findings).values()),
        sum((findings - wanted).values()),
    )


def _whole(cost: Cost) -> tuple[float, float]:
    return cost.seconds, cost.cpu_seconds


def _alone(cost: Cost) -> tuple[float, float]:
    document = json.loads(cost.output)
    return document["seconds"], document["cpu_seconds"]
