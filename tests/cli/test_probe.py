"""`ci-steps probe`: what answers, what is only recorded, and what does not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ci_steps.dictionary.store import Dictionary
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at
from tests.parts.http import Script, says, says_json, serving
from tests.parts.shop import check_answer
from tests.parts.verdicts import run_in


class Desk:
    """A person whose dictionary knows an auth 1.1.0 in production, at an address that says."""

    def __init__(self, folder: Path, dictionary: Dictionary, capsys: pytest.CaptureFixture[str]):
        self.folder, self.dictionary, self._capsys = folder, dictionary, capsys

    def asks(self, *arguments: str) -> Ended:
        return typed(self._capsys, "probe", *arguments)

    def answers(self, script: Script, *arguments: str) -> tuple[int, list[Any]]:
        """Return the exit status and the answers, whose form is the published one."""
        with serving(script) as there:
            run_in(self.dictionary, "auth 1.1.0", address=there.address)
            ended = self.asks("auth", "production", "--json", *arguments)
        check_answer(ended.document)
        return ended.status, ended.document["answers"]


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    path = tmp_path / "dictionary.db"
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(path))
    monkeypatch.chdir(tmp_path)
    with dictionary_at(str(path)) as dictionary:
        yield Desk(tmp_path, dictionary, capsys)


def test_what_answers_and_what_is_recorded_are_told_apart(desk: Desk) -> None:
    status, found = desk.answers(says("1.1.3", sunset="Wed, 23 Dec 2026 00:00:00 GMT"))
    assert status == 0
    assert [(one["how"], one["version"]) for one in found] == [
        ("answers", "1.1.3"),
        ("is recorded", "1.1.0"),
    ]
    assert [one["deprecated"] for one in found] == [True, False]
    assert found[0]["ends"] == "2026-12-23T00:00:00Z"


def test_an_address_that_does_not_answer_is_status_1(desk: Desk) -> None:
    status, found = desk.answers(says("<html>"))
    assert status == 1
    assert found[0]["problem"] == "the answer is HTML or XML, not a version"


def test_what_answered_is_kept_only_where_that_is_asked_for(desk: Desk) -> None:
    desk.answers(says("1.1.3"))
    drift = ("dictionary", "drift", "production", "--json")
    assert typed(desk._capsys, *drift).document["drift"] == []
    desk.answers(says("1.1.3"), "--keep")
    assert "1.1.3" in json.dumps(typed(desk._capsys, *drift).document["drift"])


def instance(version: str) -> dict[str, Any]:
    """Return an instance of auth as Consul lists it."""
    service = {"ID": version, "Tags": [], "Meta": {"version": version}, "Address": "", "Port": 80}
    return {"Node": {"Address": "10.0.0.1"}, "Service": service, "Checks": []}


def test_replicas_that_disagree_are_shown_one_by_one_and_are_drift(desk: Desk) -> None:
    run_in(desk.dictionary, "auth 1.1.0")
    with serving(says_json([instance("1.1.0"), instance("1.0.0")])) as there:
        probes = {"auth": {"consul": {"url": there.address}}}
        (desk.folder / "ci-steps.yaml").write_text(json.dumps({"service": "gis", "probes": probes}))
        ended = desk.asks("auth", "production", "--keep", "--json")
    check_answer(ended.document)
    found = [(one["version"], one["problem"]) for one in ended.document["answers"]]
    several = "its replicas disagree: 1.0.0, 1.1.0"
    assert (ended.status, found) == (1, [("1.1.0", several), ("1.0.0", several), ("1.1.0", "")])
    drift = typed(desk._capsys, "dictionary", "drift", "production", "--json").document["drift"]
    assert [one["observed"] for one in drift] == ["1.0.0"]


def test_a_configured_probe_needs_no_dictionary_that_knows_the_service(desk: Desk) -> None:
    with serving(says("2.0.0")) as there:
        probes = {"auth": {"http": {"url": there.address}}}
        (desk.folder / "ci-steps.yaml").write_text(json.dumps({"service": "gis", "probes": probes}))
        shown = desk.asks("auth", "production")
    assert shown.status == 0
    assert "2.0.0" in shown.out


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        pytest.param(("auth",), 2, "unknown service 'auth'", id="nobody knows it"),
        pytest.param(("auth", "--config", "no.yaml"), 2, "no.yaml: no such file", id="no file"),
    ],
)
def test_what_cannot_be_asked_is_an_error(
    desk: Desk, arguments: tuple[str, ...], status: int, text: str
) -> None:
    ended = desk.asks(*arguments)
    assert ended.status == status
    assert text in ended.err


def test_what_is_not_live_is_said(desk: Desk) -> None:
    run_in(desk.dictionary, "auth 1.1.0", environment="staging")
    ended = desk.asks("auth", "production")
    assert ended.status == 1
    assert "auth is not live in production" in ended.out
    assert "no environment 'production' is known; known: staging" in ended.err
    assert "did you mean staging?" in desk.asks("auth", "stagin").err
