"""What whole processes cost, measured in interleaved rounds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCH = Path(__file__).with_name("launch.py")
_LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost, and what it printed."""

    seconds: float
    peak_bytes: int
    output: str = ""
    problem: str = ""
    cpu_seconds: float = 0


@dataclass(frozen=True)
class Command:
    """A program with its arguments, and the folder it runs in."""

    arguments: tuple[str, ...]
    folder: Path
    longest_seconds: float = _LONGEST_SECONDS

    def cost(self, environ: Mapping[str, str], kept: Path) -> Cost:
        """Run it once; what it prints is kept in files that begin with *kept*."""
        program = Path(self.arguments[0])
        if not program.exists():
            return Cost(0, 0, problem=f"{program.name} is not installed")
        finished = subprocess.run(
            [*self._launcher(kept), *self.arguments],
            env=dict(environ),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = json.loads(finished.stdout)
        output = Path(f"{kept}.out").read_text(encoding="utf-8", errors="replace")
        problem = "" if found["status"] == 0 else _why(Path(f"{kept}.err"), output)
        if found["seconds"] >= self.longest_seconds:
            memory = found["peak_bytes"] / 1_000_000
            problem = f"stopped after {self.longest_seconds:g} s, when it held {memory:,.0f} MB"
        return Cost(found["seconds"], found["peak_bytes"], output, problem, found["cpu_seconds"])

    def _launcher(self, kept: Path) -> list[str]:
        seconds = str(self.longest_seconds)
        return [sys.executable, "-S", str(_LAUNCH), str(self.folder), str(kept), seconds]


def interleaved(
    commands: Mapping[str, Command],
    rounds: int,
    environ: Mapping[str, str],
    kept: Path,
    progress: Callable[[str], None],
) -> dict[str, Sequence[Cost]]:
    """Return the costs by name: each round runs every command once, after a round to warm up.

    What disturbs the machine for a while then disturbs all of them alike.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        progress(f"round {number} of {rounds}" if number else "warming up")
        for name, command in commands.items():
            cost = command.cost(environ, kept)
            if number:
                costs[name].append(cost)
    return {name: tuple(found) for name, found in costs.items()}


def _why(errors: Path, output: str) -> str:
    """Return the line that says what went wrong: the first error, else the last line."""
    said = errors.read_text(encoding="utf-8", errors="replace").strip() or output.strip()
    lines = said.splitlines() or ["it failed and said nothing"]
    return next((line for line in lines if line.startswith("error:")), lines[-1])
