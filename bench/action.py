"""Measure how long the action takes to reach its step, in act and without a network.

    python -m release.build --to dist && python bench/action.py      # or: make bench-action

The clock starts with the first line of the action and stops with the first line of the test
command, so everything of ours lies between. The dictionary is there already, as it is for every
job but the first of a company. A bare `python3 -c pass` is timed in each round: where it takes
more than its 20 to 25 ms, something else keeps the machine busy. A missed budget is said in words.
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
from collections.abc import Iterator
from pathlib import Path

from results import machine

ROOT = Path(__file__).parents[1]
BUDGET_SECONDS = 0.5
_RESULTS = Path(__file__).with_name("action.json")
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


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Measure the start of the action.")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="what `make dist` wrote")
    parser.add_argument("--results", type=Path, default=_RESULTS)
    given = parser.parse_args()
    found = document(list(measure(given.dist.resolve(), given.rounds)))
    print(said(found))
    given.results.write_text(json.dumps(found, indent=2) + "\n")


def measure(dist: Path, rounds: int) -> Iterator[tuple[float, float]]:
    """Yield the seconds of each round, ours and those of a bare Python."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        service = _service(root / "idle", dist)
        environ = _environ(root)
        prepared = ("-I", "-c", _PREPARE, dist / "lib", environ["CI_STEPS_DICTIONARY"])
        subprocess.run([sys.executable, *prepared], env=environ, check=True, capture_output=True)
        for _ in range(rounds):
            clock = Path(environ["CLOCK"])
            clock.unlink(missing_ok=True)
            act = Path(sys.executable).with_name("act")
            subprocess.run(
                [*_OFFLINE, act, *_ACT], cwd=service, env=environ, check=True, capture_output=True
            )
            times = dict(line.split() for line in clock.read_text().splitlines())
            yield float(times["step"]) - float(times["action"]), _bare(environ)


def _bare(environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([Path(sys.base_prefix, "bin", "python3"), "-c", "pass"], env=environ, check=True)
    return time.perf_counter() - began


def document(rounds: list[tuple[float, float]]) -> dict[str, object]:
    """Return everything that was measured."""
    seconds = [action for action, _ in rounds]
    median = statistics.median(seconds)
    return {
        "schema": "ci-steps/bench-action/1",
        "machine": machine(),
        "rounds": len(seconds),
        "first_seconds": seconds[0],
        "median_seconds": median,
        "min_seconds": min(seconds),
        "python_seconds": statistics.median(bare for _, bare in rounds),
        "budget_seconds": BUDGET_SECONDS,
        "within": max(seconds[0], median) <= BUDGET_SECONDS,
    }


def said(found: dict[str, object]) -> str:
    """Return it as a line for people."""
    first, median, least, bare = (
        f"{found[f'{name}_seconds']:.3f} s" for name in ("first", "median", "min", "python")
    )
    verdict = "within" if found["within"] else "missed"
    return (
        f"from the action's first line to the step's: first {first}, median {median}, min {least}; "
        f"budget {BUDGET_SECONDS:g} s: {verdict}; a bare Python: {bare}"
    )


def _service(folder: Path, dist: Path) -> Path:
    """Return a repository with a workflow that uses what was built."""
    action = folder / ".github" / "ci-steps"
    (action / "action").mkdir(parents=True)
    (folder / ".github" / "workflows").mkdir()
    for name in ("action.yml", "action/start.py"):
        shutil.copy(ROOT / name, action / name)
    shutil.copytree(dist / "lib", action / "dist" / "lib")
    (folder / "ci-steps.yaml").write_text(_CONFIGURATION)
    (folder / ".github" / "workflows" / "release.yml").write_text(_WORKFLOW)
    who = ("-c", "user.name=bench", "-c", "user.email=bench@shop.example")
    for command in (("init",), ("add", "--all"), (*who, "commit", "--message", "idle")):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


def _environ(root: Path) -> dict[str, str]:
    """Return a small environment; every bash begins with writing down the time."""
    begin = root / "begin.sh"
    begin.write_text('echo "action $EPOCHREALTIME" >> "$CLOCK"\n')
    (root / "home").mkdir()
    bare = Path(sys.base_prefix, "bin")
    return {
        "PATH": f"{bare}:/usr/sbin:/usr/bin:/bin",
        "HOME": str(root / "home"),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "BASH_ENV": str(begin),
        "CLOCK": str(root / "clock"),
        "VERSION": "1.0.0",
        "CI_STEPS_DICTIONARY": str(root / "dictionary.db"),
    }


if __name__ == "__main__":
    main()
