"""`ci-steps dictionary rename`: requirements on the old name mean the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at
from tests.parts.verdicts import run_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gis runs and needs auth-1.1."""
    url = str(tmp_path / "dictionary.db")
    monkeypatch.setenv("CI_STEPS_DICTIONARY", url)
    with dictionary_at(url) as dictionary:
        run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ended:
    return typed(capsys, "dictionary", *arguments)


def test_whoever_needs_the_old_name_needs_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    ended = asked(capsys, "rename", "auth", "login")
    assert (ended.status, ended.err) == (0, "")
    ended = asked(capsys, "dependents", "login", "--json")
    assert [row["service"] for row in ended.document["dependents"]] == ["gis"]
    assert asked(capsys, "may-deploy", "gis", "3.0.0", "production").status == 0


def test_an_old_name_that_nobody_needs_is_perhaps_misspelt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = asked(capsys, "rename", "logni", "auth")
    assert (ended.status, "nobody knows or needs a service logni" in ended.err) == (0, True)
    assert asked(capsys, "rename", "logni", "auth", "--json").document["service"] == "auth"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("auht", "lgoin", "unknown service 'lgoin'"),
        ("auth", "auth", "'auth' is an alias of itself"),
        ("auth", "gis", "auth still runs in production"),
        ("auth", "Log; in", "'Log; in' is not a service name"),
    ],
)
def test_what_cannot_be_renamed_is_said_and_nothing_changed(
    capsys: pytest.CaptureFixture[str], old: str, new: str, problem: str
) -> None:
    ended = asked(capsys, "rename", old, new)
    assert ended.status in {1, 2}
    assert problem in ended.err
    assert asked(capsys, "may-deploy", "auth", "1.1.0", "production").status == 0
