from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.parts.git import HAS_GIT, WITHOUT_GIT

ROOT = Path(__file__).parent.parent
OURS = (
    "ci-steps --help",
    "a step that does nothing",
    "a rehearsal of all steps",
    "50 dependencies checked",
)
PEERS = ("python3 -c pass", "nox -l", "pre-commit --version")
WITHOUT_NOX = "nox is not installed beside this Python: nothing was proven about the ratio to it"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)]


class Run:
    """What one quick run of the benchmark printed and wrote."""

    def __init__(self, folder: Path) -> None:
        results = folder / "results.json"
        self.printed = subprocess.run(
            [sys.executable, "bench/run.py", "--rounds", "1", "--results", str(results)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        ).stdout
        self.written = results.read_text()
        self.document: dict[str, Any] = json.loads(self.written)
        self.rows: dict[str, dict[str, Any]] = {row["name"]: row for row in self.document["rows"]}


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("bench"))


def test_every_row_is_in_the_table_and_in_the_json(quick_run: Run) -> None:
    assert set(quick_run.rows) == {*OURS, *PEERS}
    first_words = [line.partition("  ")[0] for line in quick_run.printed.splitlines()]
    assert {*OURS, *PEERS} <= set(first_words)


@pytest.mark.parametrize("name", [*OURS, "python3 -c pass"])
def test_everything_of_ours_was_really_measured(quick_run: Run, name: str) -> None:
    row = quick_run.rows[name]
    assert row["problem"] == ""
    assert 0 < row["min_seconds"] <= row["median_seconds"]
    assert row["peak_bytes"] > 1_000_000


def test_a_bare_python_is_not_charged_for_the_benchmark(quick_run: Run) -> None:
    bare, ours = (quick_run.rows[name] for name in ("python3 -c pass", "ci-steps --help"))
    assert bare["peak_bytes"] < ours["peak_bytes"]
    assert bare["min_seconds"] < ours["min_seconds"]


def test_a_budget_is_compared_and_said_in_words(quick_run: Run) -> None:
    row = quick_run.rows["ci-steps --help"]
    assert row["peer"] == "python3 -c pass"
    assert row["within"] == (row["ratio"] <= row["most_times"])
    check = quick_run.rows["50 dependencies checked"]
    assert check["within"] == (check["median_seconds"] <= check["most_seconds"])
    missed = [name for name, one in quick_run.rows.items() if one["within"] is False]
    said = f"Over budget in this run: {', '.join(missed)}." if missed else ""
    assert said in quick_run.printed
    assert ("Over budget" in quick_run.printed) == bool(missed)


def test_a_peer_that_is_measured_gives_a_ratio(quick_run: Run) -> None:
    nox, step = quick_run.rows["nox -l"], quick_run.rows["a step that does nothing"]
    if not Path(sys.executable).with_name("nox").exists():
        assert nox["problem"] == "nox is not installed"
        assert step["within"] is None
        pytest.skip(WITHOUT_NOX)
    assert step["ratio"] == pytest.approx(step["median_seconds"] / nox["median_seconds"])


def test_the_results_name_no_machine(quick_run: Run) -> None:
    machine = quick_run.document["machine"]
    assert set(machine) == {"cores", "system", "python", "packages"}
    assert str(ROOT) not in quick_run.written
    assert str(Path(sys.executable).parent) not in quick_run.written
    hostname = shutil.which("hostname")
    if hostname:
        name = subprocess.run([hostname], capture_output=True, text=True, check=True).stdout
        assert name.strip() not in quick_run.written.split('"')
