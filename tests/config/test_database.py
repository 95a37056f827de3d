"""What ci-steps.yaml says about a change of the database, and the note on how people go back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.model import DatabaseChange
from ci_steps.versions import parse_version
from tests.parts.configured import WORKS, plan_of, problems_of


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rollback.md").write_text("Restore the backup.\n")
    Path("empty.md").write_text("\n")
    Path("latin.md").write_bytes(b"zur\xfcck")
    Path("long.md").write_bytes(b"x" * 70_000)
    Path("docs").mkdir()


def change(said: str) -> DatabaseChange | None:
    return plan_of(f"{WORKS}database: {said}\n").database


@pytest.mark.parametrize("said", ["none", "{change: none, rollback: nowhere.md}", "null"])
def test_what_changes_nothing_for_good_is_no_change(said: str) -> None:
    assert change(said) is None


@pytest.mark.parametrize(
    ("said", "note", "source"),
    [
        ("rollback.md", "Restore the backup.", "rollback.md"),
        ("Call the DBA.", "Call the DBA.", ""),
    ],
)
def test_the_note_is_a_file_or_the_text_itself(said: str, note: str, source: str) -> None:
    found = change(f"{{change: breaking, rollback: '{said}'}}")
    assert found == DatabaseChange(parse_version("1.1.0"), note, source)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("breaking", "there is no rollback note"),
        ("{change: breaking, rollback: gone.md}", "gone.md"),
        ("{change: breaking, rollback: empty.md}", "the rollback note empty.md is empty"),
        ("{change: breaking, rollback: docs}", "is a folder, not a file"),
        ("{change: breaking, rollback: latin.md}", "is not UTF-8"),
        ("{change: breaking, rollback: long.md}", "is longer than 64,000 bytes"),
    ],
)
def test_a_note_that_cannot_be_read_is_none_and_the_gate_says_why(said: str, problem: str) -> None:
    found = change(said)
    assert found
    assert not found.note
    assert problem in found.problem


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("braeking", "database: expected none or breaking, got 'braeking'"),
        ("{change: breaking, notes: x}", "database.notes: unknown key"),
        ("{change: breaking, since: 2.0.0}", "database.since: 2.0.0 comes after 1.1.0"),
        ("{change: breaking, since: 1.1}", "database.since: 1.1 is a number, not a version"),
        ("{change: breaking, since: soon}", "database.since: 'soon'"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(said: str, problem: str) -> None:
    (found,) = problems_of(f"{WORKS}database: {said}\n")
    assert found.startswith(f"ci-steps.yaml:4: {problem}"), found
