"""The benchmark of large contracts, run with a small one: everything but the clock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.api import api
from contracts.edits import edited, planned
from contracts.programs import installed_oasdiff
from contracts.size import SMALL
from contracts.writing import as_json, as_yaml
from timing import Command

ROOT = Path(__file__).parent.parent
OURS = ("ci-steps contract diff", "the comparison alone")


def test_one_seed_makes_one_api() -> None:
    assert api(SMALL) == api(SMALL)


def test_both_syntaxes_say_the_same() -> None:
    document = edited(api(SMALL), planned(SMALL))
    assert yaml.safe_load(as_yaml(document)) == json.loads(as_json(document))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    results = tmp_path_factory.mktemp("bench") / "results.json"
    arguments = ["--small", "--rounds", "1", "--without-oasdiff", "--results", str(results)]
    subprocess.run(
        [sys.executable, "-m", "contracts", *arguments],
        cwd=ROOT / "bench",
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    found: list[dict[str, Any]] = json.loads(results.read_text())["rows"]
    return found


@pytest.mark.slow
def test_every_edit_is_found_once_in_both_syntaxes(rows: list[dict[str, Any]]) -> None:
    assert [(row["program"], row["syntax"]) for row in rows] == [
        (program, syntax) for syntax in ("json", "yaml") for program in OURS
    ]
    for row in rows:
        assert row["problem"] == ""
        assert (row["missing"], row["more"]) == (0, 0)
        assert row["findings"] > SMALL.edits


@pytest.mark.slow
def test_time_and_memory_were_really_measured(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row["seconds"] > 0
        assert row["cpu_seconds"] > 0
        assert row["peak_bytes"] > 1_000_000


def test_a_program_that_takes_too_long_is_stopped_and_that_is_said(tmp_path: Path) -> None:
    endless = (sys.executable, "-c", "import os; print(os.getpid(), flush=True)\nwhile True: pass")
    cost = Command(endless, tmp_path, longest_seconds=0.5).cost({}, tmp_path / "kept")
    assert re.fullmatch(r"stopped after 0\.5 s, when it held [0-9]+ MB", cost.problem)
    with pytest.raises(ProcessLookupError):
        os.kill(int(cost.output), 0)


@pytest.mark.slow
def test_oasdiff_is_measured_where_it_is_installed(tmp_path: Path) -> None:
    if not installed_oasdiff():
        pytest.skip("oasdiff is not installed: nothing was proven about measuring it")
    results = tmp_path / "results.json"
    subprocess.run(
        [sys.executable, "-m", "contracts", "--small", "--rounds", "1", "--results", str(results)],
        cwd=ROOT / "bench",
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    rows = json.loads(results.read_text())["rows"]
    theirs = [row for row in rows if row["program"] == "oasdiff changelog"]
    assert [row["problem"] for row in theirs] == ["", ""]
    assert all(row["findings"] > 0 for row in theirs)
