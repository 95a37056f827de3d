"""`ci-steps dictionary record`: what runs and was not deployed by ci-steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty dictionary."""
    url = str(tmp_path / "dictionary.db")
    monkeypatch.setenv("CI_STEPS_DICTIONARY", url)
    return url


def recorded(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ended:
    return typed(capsys, "dictionary", "record", *arguments)


def test_an_environment_is_production_from_the_moment_on_that_somebody_says_so(
    capsys: pytest.CaptureFixture[str], place: str
) -> None:
    ended = recorded(capsys, "auth", "1.1.0", "production")
    assert ended.err == "production is a new environment: if it is production, say --production\n"
    assert recorded(capsys, "auth", "1.1.0", "production", "--production").err == ""
    recorded(capsys, "auth", "1.1.1", "production")
    with dictionary_at(place) as dictionary:
        assert dictionary.known_environment("production").production
        assert [one.final for one in dictionary.releases("auth")] == [True, True]


@pytest.mark.parametrize(
    ("service", "environment", "warned"),
    [
        pytest.param("auht", "production", "auht is a new service, did you mean auth?", id="name"),
        pytest.param(
            "auth",
            "prodution",
            "prodution is a new environment, did you mean production?",
            id="env",
        ),
    ],
)
def test_a_name_that_is_probably_misspelt_is_recorded_and_warned_of_once(
    capsys: pytest.CaptureFixture[str], service: str, environment: str, warned: str
) -> None:
    recorded(capsys, "auth", "1.1.0", "production", "--production")
    ended = recorded(capsys, service, "1.1.0", environment)
    assert (ended.status, ended.err.splitlines()[0]) == (0, f"warning: {warned}")
    assert recorded(capsys, service, "1.1.0", environment).err == ""


def test_an_address_that_nobody_can_ask_is_refused_and_nothing_recorded(
    capsys: pytest.CaptureFixture[str], place: str
) -> None:
    ended = recorded(capsys, "auth", "1.1.0", "production", "--address", "auth:8080")
    assert (ended.status, ended.out) == (2, "")
    assert "--address 'auth:8080' cannot be asked over HTTP" in ended.err
    with dictionary_at(place) as dictionary:
        assert dictionary.environments() == ()


def test_what_is_refused_leaves_no_environment_behind(
    capsys: pytest.CaptureFixture[str], place: str
) -> None:
    recorded(capsys, "auth", "1.1.0", "production", "--production", "--commit", "abc")
    assert recorded(capsys, "auth", "1.1.0", "staging", "--commit", "def").status == 1
    with dictionary_at(place) as dictionary:
        assert [one.name for one in dictionary.environments()] == ["production"]
