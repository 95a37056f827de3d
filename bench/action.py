"""Measure how long the action takes to reach its step, in act and without a network.

    python -m release.build --to dist && python bench/action.py      # or: make bench-action

The action's first line is that of its `run:`, the moment its bash begins; the step's first line
is the first one of the test command. So everything of ours lies between, and nothing of act's:
the log that act collects before and after is not counted. The dictionary is there already, as it
is for every job but the first of a company.

Beside it, in the same rounds and without act: the folder that the action runs from, the archive,
and a bare `python3 -c pass`. Where that takes more than its 20 to 25 ms, something else keeps the
machine busy: compare the ratios. A missed budget is said in words.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from results import machine

ROOT = Path(__file__).parents[1]
BUDGET_SECONDS = 0.5
IN_ACT = "the action in act"
BARE = "python3 -c pass"
_RESULTS = Path(__file__).with_name("action.json")
_PYTHON = Path(sys.base_prefix, "bin", "python3")
_OFFLINE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
_ACT = ("push", "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--pull=false")
_CONFIGURATION = """\
service: idle
version: {env: VERSION}
steps:
  unit-test: {command: [sh, -c, 'echo "step $(date +%s.%N)" >> "$CLOCK"']}
"""
_WORKFLOW = """\
on: push
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/ci-steps
        with: {step: unit-test}
"""
_PREPARE = """\
import sys
sys.path.insert(0, sys.argv[1])
from ci_steps.cli import main
main(["dictionary", "owners", "--dictionary", sys.argv[2]])
"""


@dataclass(frozen=True)
class World:
    """A service whose test command writes down the time, and what was built."""

    service: Path
    dist: Path
    environ: dict[str, str]

    def run(self, *command: str | Path, **more: str) -> float:
        """Run one way to start without a network; return the seconds to the step's first line."""
        clock = Path(self.environ["CLOCK"])
        clock.unlink(missing_ok=True)
        environ = {**self.environ, **more}
        program = [*_OFFLINE, "sh", "-c", 'date "+begun %s.%N" >> "$CLOCK"; exec "$@"', "sh"]
        subprocess.run(
            [*program, *command], cwd=self.service, env=environ, check=True, capture_output=True
        )
        times = dict(line.split() for line in clock.read_text().splitlines())
        return float(times["step"]) - float(times.get("action") or times["begun"])

    def in_act(self) -> float:
        """Start the action in act; only its own bash tells when it begins."""
        begin = self.service.parent / "begin.sh"
        begin.write_text('echo "action $EPOCHREALTIME" >> "$CLOCK"\n')
        act = Path(sys.executable).with_name("act")
        return self.run(act, *_ACT, BASH_ENV=str(begin))

    def by_hand(self) -> float:
        """Start what the action starts."""
        start = self.service / ".github" / "ci-steps" / "action" / "start.py"
        return self.run(_PYTHON, "-I", start, CI_STEPS_INPUTS='{"step": "unit-test"}')

    def unpacked_first(self) -> float:
        """Start the archive where it was never unpacked."""
        shutil.rmtree(self.service.parent / "cache", ignore_errors=True)
        return self.unpacked_before()

    def unpacked_before(self) -> float:
        """Start the archive where it is unpacked already."""
        cache = self.service.parent / "cache"
        archive = self.dist / "ci-steps.pyz"
        return self.run(_PYTHON, archive, "unit-test", CI_STEPS_CACHE=str(cache))

    def bare(self) -> float:
        """Start Python alone."""
        began = time.perf_counter()
        subprocess.run([_PYTHON, "-c", "pass"], env=self.environ, check=True)
        return time.perf_counter() - began


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Measure the start of the action.")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="what `make dist` wrote")
    parser.add_argument("--results", type=Path, default=_RESULTS)
    given = parser.parse_args()
    found = document(measured(given.dist.resolve(), given.rounds))
    print("\n".join(said(found)))
    given.results.write_text(json.dumps(found, indent=2) + "\n")


def measured(dist: Path, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round by the way to start; all ways take turns."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        world = World(_service(root / "idle", dist), dist, _environ(root))
        prepared = ("-I", "-c", _PREPARE, dist / "lib", world.environ["CI_STEPS_DICTIONARY"])
        subprocess.run([_PYTHON, *prepared], env=world.environ, check=True, capture_output=True)
        ways: dict[str, Callable[[], float]] = {
            IN_ACT: world.in_act,
            "its folder, started by hand": world.by_hand,
            "the archive, unpacked for the first time": world.unpacked_first,
            "the archive, unpacked before": world.unpacked_before,
            BARE: world.bare,
        }
        found: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, start in ways.items():
                found[name].append(start())
    return found


def document(found: dict[str, list[float]]) -> dict[str, object]:
    """Return everything that was measured."""
    action = found[IN_ACT]
    return {
        "schema": "ci-steps/bench-action/2",
        "machine": machine(),
        "rounds": len(action),
        "rows": list(_rows(found)),
        "budget_seconds": BUDGET_SECONDS,
        "within": max(action[0], statistics.median(action)) <= BUDGET_SECONDS,
    }


def _rows(found: dict[str, list[float]]) -> Iterator[dict[str, object]]:
    bare = statistics.median(found[BARE])
    for name, seconds in found.items():
        median = statistics.median(seconds)
        yield {
            "name": name,
            "first_seconds": seconds[0],
            "median_seconds": median,
            "min_seconds": min(seconds),
            "times_bare": median / bare,
        }


def said(found: dict[str, object]) -> Iterator[str]:
    """Yield it as a table for people."""
    columns = f"{'first':>8} {'median':>8} {'min':>8} times"
    yield f"{'to the first line of the test command':42} {columns}"
    rows = found["rows"]
    assert isinstance(rows, list)
    for row in rows:
        first, median, least = (row[f"{one}_seconds"] for one in ("first", "median", "min"))
        milliseconds = " ".join(f"{one * 1000:>5.0f} ms" for one in (first, median, least))
        yield f"{row['name']:42} {milliseconds} {row['times_bare']:>5.1f}"
    verdict = "within" if found["within"] else "missed"
    yield f"budget of {IN_ACT}: {BUDGET_SECONDS:g} s, for the first round and the median: {verdict}"


def _service(folder: Path, dist: Path) -> Path:
    """Return a repository with a workflow that uses what was built."""
    action = folder / ".github" / "ci-steps"
    (action / "action").mkdir(parents=True)
    (folder / ".github" / "workflows").mkdir()
    for name in ("action.yml", "action/start.py"):
        shutil.copy(ROOT / name, action / name)
    # Beside the repository, as on GitHub: git would read all of it to know what has changed.
    (action / "dist").symlink_to(dist)
    (folder / "ci-steps.yaml").write_text(_CONFIGURATION)
    (folder / ".github" / "workflows" / "release.yml").write_text(_WORKFLOW)
    who = ("-c", "user.name=bench", "-c", "user.email=bench@shop.example")
    for command in (("init",), ("add", "--all"), (*who, "commit", "--message", "idle")):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


def _environ(root: Path) -> dict[str, str]:
    """Return a small environment; `python3` is the one that is measured."""
    (root / "home").mkdir()
    return {
        "PATH": f"{_PYTHON.parent}:/usr/sbin:/usr/bin:/bin",
        "HOME": str(root / "home"),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "CLOCK": str(root / "clock"),
        "VERSION": "1.0.0",
        "CI_STEPS_DICTIONARY": str(root / "dictionary.db"),
    }


if __name__ == "__main__":
    main()
