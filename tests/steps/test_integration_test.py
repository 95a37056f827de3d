"""integration-test: against what was just deployed, by a command or by a named person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import UsageError
from ci_steps.model import Environment, Status, StepResult
from ci_steps.options import Command
from ci_steps.steps import deploy
from ci_steps.steps.integration_test import Options, run
from tests.fakes import FakeOutside, job_of
from tests.parts.dictionaries import dictionary_at, ship

STAGING = Environment("staging")
AUTOMATIC = Options(command=Command(("make", "integration-test")))
MANUAL = Options(mode="manual")


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def result_of(
    dictionary: Dictionary,
    options: Options = AUTOMATIC,
    *,
    exit_code: int = 0,
    needs: tuple[str, ...] = (),
    deployed: bool = True,
    ask: Callable[[str], str] = lambda question: "",
) -> tuple[StepResult, FakeOutside]:
    outside = FakeOutside(exit_code=exit_code)
    job = job_of(dictionary, environment=STAGING, outside=outside, needs=needs, ask=ask)
    if deployed:
        deploy.run(job, deploy.Options())
    return run(job, options), outside


def test_the_tests_are_given_the_address_of_what_was_deployed(dictionary: Dictionary) -> None:
    result, outside = result_of(dictionary)
    ((command, told),) = outside.ran
    assert result.status is Status.PASSED
    assert command == ("make", "integration-test")
    assert told["CI_STEPS_ADDRESS"] == "http://auth-1.staging.example"
    assert told["CI_STEPS_ENVIRONMENT"] == "staging"
    assert told["CI_STEPS_VERSION"] == "1.1.0"


@pytest.mark.parametrize(("exit_code", "passed"), [(0, True), (1, False)])
def test_the_result_is_evidence_for_the_environment(
    dictionary: Dictionary, exit_code: int, passed: bool
) -> None:
    result, _ = result_of(dictionary, exit_code=exit_code)
    (evidence,) = result.evidence
    assert (evidence.kind, evidence.environment) == ("integration-test", "staging")
    assert evidence.passed is passed
    assert result.failed is not passed


def test_what_is_not_deployed_is_not_tested(dictionary: Dictionary) -> None:
    result, outside = result_of(dictionary, deployed=False)
    assert result.status is Status.FAILED
    assert "is not deployed to staging" in result.summary
    assert outside.ran == []


def test_another_commit_that_runs_there_is_not_tested_in_its_place(
    dictionary: Dictionary,
) -> None:
    result_of(dictionary)
    job = job_of(dictionary, environment=STAGING, commit="c2")
    assert "is not deployed" in run(job, AUTOMATIC).summary


def test_a_provider_that_does_not_fit_makes_the_test_worthless(dictionary: Dictionary) -> None:
    result_of(dictionary)
    ship(dictionary, "gis 201610", environment="staging")
    job = job_of(dictionary, environment=STAGING, needs=["gis-201612"])
    result = run(job, AUTOMATIC)
    assert result.status is Status.FAILED
    assert "gis-201612" in result.summary


def test_automatic_needs_a_command(dictionary: Dictionary) -> None:
    with pytest.raises(UsageError, match="command must be given"):
        result_of(dictionary, Options())


def answers(*texts: str) -> Callable[[str], Any]:
    waiting = iter(texts)
    return lambda question: next(waiting)


def test_a_named_person_approves_with_a_reason(dictionary: Dictionary) -> None:
    result, _ = result_of(dictionary, MANUAL, ask=answers("gis-lead", "looked at the map"))
    (evidence,) = result.evidence
    assert result.status is Status.PASSED
    assert (evidence.passed, evidence.by, evidence.reason) == (
        True,
        "gis-lead",
        "looked at the map",
    )


@pytest.mark.parametrize("said", [("",), ("gis-lead", "")])
def test_no_name_or_no_reason_is_no_approval(dictionary: Dictionary, said: tuple[str, ...]) -> None:
    result, _ = result_of(dictionary, MANUAL, ask=answers(*said))
    assert result.status is Status.FAILED
    assert result.evidence == ()


def test_an_approval_may_come_from_the_command_line(dictionary: Dictionary) -> None:
    options = Options(mode="manual", approved_by="gis-lead", reason="seen in staging")
    result, _ = result_of(dictionary, options)
    assert result.outputs["approved_by"] == "gis-lead"
