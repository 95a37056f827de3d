"""What is compared with what, and how much it may cost."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timing import Command, Cost

DEPENDENCIES = 50
ANSWER_SECONDS = 0.25

_PYTHON, _HELP, _STEP = "python3 -c pass", "ci-steps --help", "a step that does nothing"
_REHEARSAL, _NOX, _HOOKS = "a rehearsal of all steps", "nox -l", "pre-commit --version"
_CHECK = f"{DEPENDENCIES} dependencies checked"


@dataclass(frozen=True)
class Comparison:
    """A command with the budget it has: times its peer, or seconds. `seconds` reads its cost."""

    command: Command
    peer: str = ""
    most_times: float | None = None
    most_seconds: float | None = None
    seconds: Callable[[Cost], float] = lambda cost: cost.seconds


@dataclass(frozen=True)
class Row:
    """What was measured of one command; with a problem, nothing was."""

    name: str
    median_seconds: float
    min_seconds: float
    peak_bytes: int
    peer: str = ""
    ratio: float | None = None
    most_times: float | None = None
    most_seconds: float | None = None
    problem: str = ""

    @property
    def within(self) -> bool | None:
        """Return whether the budget is kept; None without a budget or a measurement."""
        if self.problem:
            return None
        if self.most_seconds is not None:
            return self.median_seconds <= self.most_seconds
        if self.ratio is None or self.most_times is None:
            return None
        return self.ratio <= self.most_times


def comparisons(idle: Path, asking: Path) -> dict[str, Comparison]:
    """Return all of them by name, in the order of the table."""
    ci_steps, nox, hooks = (_program(name) for name in ("ci-steps", "nox", "pre-commit"))
    check = (ci_steps, "version-check", "--environment", "staging", "--json")
    return {
        _PYTHON: Comparison(Command((sys.executable, "-c", "pass"), idle)),
        _HELP: Comparison(Command((ci_steps, "--help"), idle), _PYTHON, most_times=5),
        _STEP: Comparison(Command((ci_steps, "unit-test"), idle), _NOX, most_times=3),
        _REHEARSAL: Comparison(Command((ci_steps, "rehearse"), idle), _NOX, most_times=5),
        _NOX: Comparison(Command((nox, "-l"), idle)),
        _HOOKS: Comparison(Command((hooks, "--version"), idle)),
        _CHECK: Comparison(Command(check, asking), most_seconds=0.1, seconds=_beyond_the_answers),
    }


def rows(
    compared: Mapping[str, Comparison], costs: Mapping[str, Sequence[Cost]]
) -> tuple[Row, ...]:
    """Return what the rounds came to."""
    medians = {name: _seconds(one, costs[name]) for name, one in compared.items()}
    return tuple(_row(name, one, costs[name], medians) for name, one in compared.items())


def _row(
    name: str,
    compared: Comparison,
    costs: Sequence[Cost],
    medians: Mapping[str, Sequence[float]],
) -> Row:
    seconds = medians[name]
    problem = next((cost.problem for cost in costs if cost.problem), "")
    if not seconds:
        return Row(name, 0, 0, 0, compared.peer, problem=problem)
    median = statistics.median(seconds)
    peers = medians.get(compared.peer)
    return Row(
        name,
        median,
        min(seconds),
        max(cost.peak_bytes for cost in costs),
        compared.peer,
        median / statistics.median(peers) if peers else None,
        compared.most_times,
        compared.most_seconds,
    )


def _seconds(compared: Comparison, costs: Sequence[Cost]) -> tuple[float, ...]:
    if any(cost.problem for cost in costs):
        return ()
    return tuple(compared.seconds(cost) for cost in costs)


def _beyond_the_answers(cost: Cost) -> float:
    """Return how much longer the step took than the slowest answer it waited for."""
    (step,) = json.loads(cost.output)["steps"]
    seconds: float = step["seconds"]
    return seconds - ANSWER_SECONDS


def _program(name: str) -> str:
    """Return a program of the environment that runs the benchmark."""
    return str(Path(sys.executable).with_name(name))
