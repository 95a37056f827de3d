"""The page about the end of a line says what the decision does."""

from __future__ import annotations

import re
from pathlib import Path

from ci_steps.lifecycle.decision import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "retirement.md"


def test_the_table_has_the_rows_of_the_decision_in_their_order() -> None:
    table = PAGE.read_text("utf-8").partition("## The decision")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| .+ \|$", table, re.MULTILINE)[1:]
    said = [text.rstrip(".") for text, _ in ROWS]
    assert [row.lower() for row in rows if not row.startswith("---")] == [s.lower() for s in said]
