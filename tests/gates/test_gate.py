"""The gates ask the whole verdict: proof, policies, waivers and retired lines count as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from ci_steps.deploying.places import choose_slot
from ci_steps.dictionary.store import Dictionary
from ci_steps.gates.gate import foresee, judge
from ci_steps.gates.verdict import Gate
from ci_steps.lifecycle.acts import Act, Kind
from ci_steps.lifecycle.ledger import add
from ci_steps.model import Environment, Line
from ci_steps.protocols import Found
from ci_steps.steps import version_check
from tests.fakes import FakeOutside, job_of
from tests.parts.dictionaries import dictionary_at
from tests.parts.verdicts import ask_for_evidence, retire, run_in, verify, waive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Job

PRODUCTION, STAGING = Environment("production", production=True), Environment("staging")
COMING = "auth 1.1.0"


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def job(
    dictionary: Dictionary,
    *needs: str,
    version: str = "1.1.0",
    environment: Environment = PRODUCTION,
) -> Job:
    return job_of(dictionary, needs=needs, version=version, environment=environment)


def judge_all(asking: Job, **how: str) -> tuple[Gate, ...]:
    after = how.get("after_end", "refuse")
    return judge(asking, choose_slot(asking, "auto"), strict=False, after_end=after)


def gate(asking: Job, name: str, *, lines: str = "auto", strict: bool = False) -> Gate:
    found = {one.name: one for one in judge(asking, choose_slot(asking, lines), strict=strict)}
    return found[name]


def test_a_verification_that_failed_closes_what_the_number_would_open(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "gis 3.0.0")
    assert gate(job(dictionary, "gis-3.0"), "dependencies").passed
    verify(dictionary, COMING, "gis 3.0.0", passed=False)
    closed = gate(job(dictionary, "gis-3.0"), "dependencies")
    assert not closed.passed
    assert "verifying auth 1.1.0 with gis 3.0.0 failed" in closed.reason


def test_a_verification_that_passed_opens_what_the_number_would_close(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "gis 2.9.0")
    assert not gate(job(dictionary, "gis-2.10"), "dependencies").passed
    verify(dictionary, COMING, "gis 2.9.0", passed=True)
    assert gate(job(dictionary, "gis-2.10"), "dependencies").passed


@pytest.mark.parametrize("passed", [True, False])
def test_a_live_dependent_is_judged_by_its_verification(
    dictionary: Dictionary, passed: bool
) -> None:
    run_in(dictionary, "gis 3.0.0: auth-1.1" if not passed else "gis 3.0.0: auth-1.2")
    assert gate(job(dictionary), "dependents").passed is not passed
    verify(dictionary, "gis 3.0.0", COMING, passed=passed)
    assert gate(job(dictionary), "dependents").passed is passed


@pytest.mark.parametrize("name", ["dependencies", "dependents"])
def test_where_evidence_is_required_its_absence_closes_without_strict(
    dictionary: Dictionary, name: str
) -> None:
    run_in(dictionary, "gis 3.0.0", "web 5.0: auth-1.1")
    assert gate(job(dictionary, "gis-3.0"), name).passed
    ask_for_evidence(dictionary)
    assert not gate(job(dictionary, "gis-3.0"), name).passed


def test_a_waiver_opens_the_gate_for_as_long_as_it_lasts(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.0.0", "gis 3.0.0: auth-1.0")
    asking = job(dictionary, version="2.0.0")
    assert not gate(asking, "dependents", lines="replace").passed
    waive(dictionary, "auth", "gis", FakeOutside().today())
    assert gate(asking, "dependents", lines="replace").passed


def test_a_retired_line_is_not_deployed_again(dictionary: Dictionary) -> None:
    retire(dictionary, "auth", "1", "nobody calls it")
    closed = gate(job(dictionary), "dependents")
    assert not closed.passed
    assert closed.reason == "auth-1 is retired: nobody calls it"


def test_a_line_behind_the_day_of_its_end_is_not_released_anew(dictionary: Dictionary) -> None:
    line, now = Line("auth", "1", "production"), FakeOutside().now()
    asking = job(dictionary)
    assert [one.name for one in judge_all(asking) if one.name == "retirement"] == []
    run_in(dictionary, "auth 1.0.0")

    def decide(kind: Kind, on: date | None = None) -> None:
        act = Act(kind, now, "anna", "v2 has it all", on)
        dictionary.write(lambda connection: add(connection, line, act))

    decide(Kind.ANNOUNCE, now.date() + timedelta(days=1))
    assert gate(asking, "retirement").reason == "line 1 of auth will end on 2026-11-24"
    decide(Kind.URGENT)
    decide(Kind.AMEND, now.date())
    closed = gate(asking, "retirement")
    assert (closed.passed, closed.reason) == (False, "line 1 of auth was to end on 2026-11-23")
    assert "ci-steps retirement amend auth 1" in closed.hint
    warned = next(one for one in judge_all(asking, after_end="warn") if one.name == "retirement")
    assert (warned.passed, warned.warning) == (True, closed.reason)
    assert [one.name for one in judge_all(job(dictionary, version="2.0.0"))][-1] == "dependents"
    for kind in (Kind.HEADERS, Kind.DRAINED):
        decide(kind)
    refused = gate(asking, "retirement")
    assert (refused.passed, refused.reason) == (False, "line 1 of auth is drained in production")
    assert "ci-steps retire auth 1 production --undo" in refused.hint


@pytest.mark.parametrize(
    ("name", "needs", "version", "who"),
    [
        pytest.param("dependencies", ["mail-1"], "1.1.0", "mail-1", id="it needs what nobody runs"),
        pytest.param("dependents", [], "0.2.0", "gis 3.0.0", id="somebody may be broken"),
    ],
)
def test_what_is_not_known_is_a_warning_outside_production_and_a_no_in_it(
    dictionary: Dictionary, name: str, needs: list[str], version: str, who: str
) -> None:
    for environment in (PRODUCTION, STAGING):
        run_in(dictionary, "gis 3.0.0: auth-0.1", environment=environment.name)
    elsewhere = job(dictionary, *needs, version=version, environment=STAGING)
    opened = gate(elsewhere, name)
    assert opened.passed
    assert opened.warning == (
        f"{name}: not known whether all is well: {who}; production would refuse"
    )
    assert not gate(elsewhere, name, strict=True).passed
    closed = gate(job(dictionary, *needs, version=version), name)
    assert not closed.passed
    assert who in closed.reason


def test_what_runs_without_ci_steps_is_told_to_the_dictionary_and_then_known(
    dictionary: Dictionary,
) -> None:
    asking = job(dictionary, "mail-1.2")
    hint = gate(asking, "dependencies").hint
    assert "Or say what runs there without ci-steps: " in hint
    assert hint.endswith("ci-steps dictionary record mail VERSION production.")
    run_in(dictionary, "mail 1.2.5")
    assert gate(asking, "dependencies").passed


def test_what_may_break_says_how_to_know_and_how_to_ignore_it(dictionary: Dictionary) -> None:
    run_in(dictionary, "gis 3.0.0: auth-0.1")
    run_in(dictionary, "auth 0.2.0", environment=STAGING.name)
    asking = job(dictionary, version="0.2.0")
    assert gate(asking, "dependents").hint == (
        "Try them together and record it: "
        "ci-steps dictionary verify gis@3.0.0 auth@0.2.0 passed --url URL. "
        "Or ignore it for a while: ci-steps dictionary may-deploy auth 0.2.0 production "
        "--ignore gis --until DATE --reason '…'."
    )
    verify(dictionary, "gis 3.0.0", "auth 0.2.0", passed=True)
    assert gate(asking, "dependents").passed


def test_a_provider_that_does_not_answer_is_asked_before_production(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "gis 3.0.0")
    silent = Found("http://gis.example", None, problem="gis does not answer")
    asking = replace(job(dictionary, "gis-3.0"), find=lambda provider, environment: [silent])
    closed = gate(asking, "dependencies")
    assert not closed.passed
    assert closed.hint == "See what answers: ci-steps probe gis production."


@pytest.mark.parametrize("at_build_time", [True, False])
def test_version_check_warns_of_the_production_that_would_refuse(
    dictionary: Dictionary, at_build_time: bool
) -> None:
    run_in(dictionary, "gis 3.0.0: auth-1.1")
    verify(dictionary, "gis 3.0.0", COMING, passed=False)
    asking = job_of(
        dictionary,
        environment=None if at_build_time else PRODUCTION,
        environments=(PRODUCTION,),
    )
    refusal = "production would refuse it: gis 3.0.0 needs auth-1.1: verifying"
    assert foresee(asking, PRODUCTION).startswith(refusal)
    warnings = version_check.run(asking, version_check.Options()).warnings
    assert [one.startswith(refusal) for one in warnings] == [True]
