"""The benchmark of the start of the action measures what it says it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import act
from tests.parts.shipped import can_be_offline

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.skipif(
    act.PROGRAM is None or not can_be_offline(),
    reason="not proven here that the start of the action is measured: no act or no unshare",
)
def test_every_way_to_start_is_measured(dist: Path, tmp_path: Path) -> None:
    results = tmp_path / "action.json"
    how = ("--rounds", "1", "--dist", str(dist), "--results", str(results))
    ran = subprocess.run(
        [sys.executable, "bench/action.py", *how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(results.read_text())
    names = [row["name"] for row in found["rows"]]
    assert names[0] == "the action in act"
    assert names[-1] == "python3 -c pass"
    assert all(0 < row["min_seconds"] <= row["median_seconds"] for row in found["rows"])
    shown = [line for line in ran.stdout.splitlines() if line.startswith(tuple(names))]
    assert len(shown) == len(names)
    (verdict,) = [line for line in ran.stdout.splitlines() if line.startswith("budget of")]
    assert verdict.endswith(": within" if found["within"] else ": missed")
