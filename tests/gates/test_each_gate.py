"""Each gate refuses, and whoever passes it on purpose is kept and told: one test of all gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import outbox
from ci_steps.gates.gate import GATES
from ci_steps.gates.names import NAMES, to_override
from ci_steps.lifecycle.acts import Act, Kind
from ci_steps.lifecycle.ledger import add
from ci_steps.model import Line
from ci_steps.moments import iso_moment
from ci_steps.notices.facts import message_of
from ci_steps.notices.wording.render import words
from tests.fakes import job_of
from tests.parts.commands import typed
from tests.parts.dictionaries import NOON, dictionary_at
from tests.parts.notices import owns
from tests.parts.shop import check_answer
from tests.parts.verdicts import run_in

if TYPE_CHECKING:
    from tests.parts.commands import Ended

REASON = "callers are down"
TARGET = 'target: {command: {command: ["true"], proof: exit}}'
CONFIGURATION = f"""\
service: auth
owner: auth-team
version: {{text: 1.1.0}}
pipeline: [deploy staging, deploy production]
environments:
  staging: {{{TARGET}}}
  production: {{production: true, approval: APPROVAL, {TARGET}}}
notify: {{channels: {{file: {{}}}}}}
"""


@dataclass(frozen=True)
class Case:
    """What is wrong in a world where all else is well, and whose owners hear of it."""

    lacking: str = ""
    prepare: Callable[[Dictionary], None] = lambda dictionary: None
    configured: str = ""
    approval: str = "never"
    commit: str = "c1"
    told: tuple[str, ...] = ("auth-team",)


def announce_an_end(dictionary: Dictionary) -> None:
    """Let the line have ended long ago."""
    line, act = (
        Line("auth", "1", "production"),
        Act(Kind.ANNOUNCE, NOON, "anna", "v2 has it all", date(2017, 10, 31)),
    )
    run_in(dictionary, "auth 1.0.0")
    dictionary.write(lambda connection: add(connection, line, act))


# Whoever adds a gate shows here how it refuses.
CASES = {
    "commit": Case(commit="c1-dirty-0a1b2c3d"),
    "unit-test": Case(lacking="unit-test"),
    "version-check": Case(lacking="version-check"),
    "integration-test": Case(lacking="integration-test"),
    "approval": Case(approval="anyone"),
    "dependencies": Case(configured="depends_on: [mail-2]\n"),
    "dependents": Case(
        prepare=lambda dictionary: run_in(dictionary, "gis 3.0.0: auth-1.2"),
        told=("auth-team", "gis-team"),
    ),
    "retirement": Case(prepare=announce_an_end),
    "rollback-note": Case(configured="database: breaking\n"),
}


@pytest.fixture
def dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dictionary]:
    place = str(tmp_path / "dictionary.db")
    for name, value in {"CI_STEPS_DICTIONARY": place, "USER": "anna"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CI_STEPS_STATE", str(tmp_path / "state"))
    (tmp_path / "auth").mkdir()
    monkeypatch.chdir(tmp_path / "auth")
    with dictionary_at(place) as opened:
        owns(opened, "auth-team", ["auth"], "file auth-team")
        owns(opened, "gis-team", ["gis"], "file gis-team")
        yield opened


def test_each_gate_has_a_case_and_one_name() -> None:
    assert tuple(GATES) == NAMES
    assert set(CASES) == set(NAMES), "show how the gate refuses: add it to CASES"


@pytest.mark.parametrize("name", NAMES)
def test_each_gate_refuses_and_an_override_is_kept_and_told(
    dictionary: Dictionary, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES[name]
    prepare(dictionary, case)

    def deploy(*flags: str) -> Ended:
        commit = ("--commit", case.commit)
        ended = typed(capsys, "deploy", "production", *commit, *flags, "--json")
        check_answer(ended.document)
        return ended

    refused = deploy()
    assert refused.status == 1
    (step,) = refused.document["steps"]
    assert answers(step) == {name}, step["summary"]
    assert step["summary"].startswith(f"production refuses: {name}: ")
    asked = to_override(name)
    assert f"--override {asked} --reason" in step["hint"]
    assert [str(one.version) for one in dictionary.live("production", "auth")] != ["1.1.0"]
    assert overrides(dictionary) == []
    began = datetime.now().astimezone()
    passed = deploy("--override", asked, "--reason", REASON)
    assert passed.status == 0, passed.document
    (gate,) = [one for one in passed.document["steps"][0]["facts"]["gates"] if one["gate"] == name]
    assert (gate["open"], gate["override_reason"]) == ("overridden", REASON)
    assert "1.1.0" in [str(one.version) for one in dictionary.live("production", "auth")]
    ((text, by, why, at),) = overrides(dictionary)
    assert (text.partition(": ")[0], by, why) == (name, "anna", REASON)
    assert at >= began
    look(typed(capsys, "dictionary", "history", "auth", "--json").document, name)
    said = told(dictionary)
    assert tuple(said) == case.told
    for letter in said.values():
        assert f"{name}: {gate['because']}"[:60] in " ".join(letter.split())
        assert f"passed by anna: {REASON}" in " ".join(letter.split())


def prepare(dictionary: Dictionary, case: Case) -> None:
    """Record all that production asks for, but what the case lacks."""
    text = CONFIGURATION.replace("APPROVAL", case.approval)
    Path("ci-steps.yaml").write_text(case.configured + text, "utf-8")
    job = job_of(dictionary, commit=case.commit)
    for kind in {"unit-test", "version-check", "integration-test"} - {case.lacking}:
        environment = "staging" if kind == "integration-test" else ""
        dictionary.record_evidence(job.evidence(kind, True, environment=environment))
    case.prepare(dictionary)


def answers(step: dict[str, Any]) -> set[str]:
    """Return the gates that are closed."""
    return {one["gate"] for one in step["facts"]["gates"] if one["open"] == "no"}


def overrides(dictionary: Dictionary) -> list[tuple[str, str, str, datetime]]:
    found = dictionary.evidence_of("auth", "1.1.0")
    return [(one.text, one.by, one.reason, one.at) for one in found if one.kind == "override"]


def look(history: Any, name: str) -> None:
    (passed,) = history["history"][0]["overrides"]
    assert iso_moment(passed.pop("at")).utcoffset() is not None
    assert passed == {"gate": name, "by": "anna", "reason": REASON}


def told(dictionary: Dictionary) -> dict[str, str]:
    """Return what waits to be sent, by the address that it is for."""
    with dictionary.reading() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.address)).all()
        found = {row.address: message_of(connection, row) for row in rows}
    return {address: words(one).text for address, one in found.items() if one}


def test_nobody_passes_a_gate_without_a_name(
    dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(dictionary, CASES["unit-test"])
    for name in ("USER", "LOGNAME"):
        monkeypatch.delenv(name, raising=False)
    flags = ("--override", "unit-test", "--reason", REASON, "--commit", "c1")
    ended = typed(capsys, "deploy", "production", *flags)
    assert (ended.status, "nobody knows who passes the gate unit-test" in ended.err) == (2, True)
    assert overrides(dictionary) == []


def test_a_gate_that_was_passed_for_a_deployment_that_failed_is_kept(
    dictionary: Dictionary, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(dictionary, CASES["unit-test"])
    file = Path("ci-steps.yaml")
    file.write_text(file.read_text("utf-8").replace('["true"]', '["false"]'), "utf-8")
    flags = ("--override", "unit-test", "--reason", REASON, "--commit", "c1")
    ended = typed(capsys, "deploy", "production", *flags)
    assert (ended.status, dictionary.live("production", "auth")) == (1, ())
    assert [one[1:3] for one in overrides(dictionary)] == [("anna", REASON)]
    assert told(dictionary) == {}
