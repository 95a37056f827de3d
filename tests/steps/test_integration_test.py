"""integration-test: against what was just deployed, by a command or by a named person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ci_steps.cutting.cut import Cut
from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import UsageError
from ci_steps.model import Environment, Status, StepResult
from ci_steps.options import Command
from ci_steps.outside.inert import InertOutside
from ci_steps.steps import deploy
from ci_steps.steps.integration_test import Options, run
from tests.fakes import FakeOutside, job_of
from tests.parts.configured import problems_of
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


def cutting(dictionary: Dictionary, *exit_codes: int) -> tuple[StepResult, FakeOutside]:
    """Run tests, then with db refusing and with queue slow; each ends as it is told."""
    codes = iter(exit_codes)
    outside = FakeOutside(act=lambda: setattr(outside, "exit_code", next(codes)))
    job = job_of(dictionary, environment=STAGING, outside=outside)
    deploy.run(job, deploy.Options())
    cuts = (
        Cut(dependency="db", how="refuse", address="127.0.0.1:5432"),
        Cut(dependency="queue", how="slow", address="127.0.0.1:1", command=Command(("true",))),
    )
    return run(job, attrs.evolve(AUTOMATIC, cut=cuts)), outside


def test_further_tests_run_with_what_is_cut_and_are_evidence(dictionary: Dictionary) -> None:
    result, outside = cutting(dictionary, 0, 0, 0)
    assert result.status is Status.PASSED
    assert result.summary.endswith("exit status 0, and with db refusing, queue slow")
    assert [(command[0], told.get("CI_STEPS_CUT")) for command, told in outside.ran] == [
        ("make", None),
        ("make", "db"),
        ("true", "queue"),
    ]
    assert outside.ran[1][1]["CI_STEPS_ADDRESS_DB"] != "127.0.0.1:5432"
    assert [(one.kind, one.passed) for one in result.evidence] == [
        ("integration-test", True),
        ("cut", True),
        ("cut", True),
    ]
    assert result.evidence[1].text == "with db refusing: make integration-test: exit status 0"
    assert result.facts["cuts"][1] == {
        "dependency": "queue",
        "how": "slow",
        "passed": True,
        "text": "true: exit status 0",
    }


def test_a_service_that_does_not_bear_a_cut_has_not_passed(dictionary: Dictionary) -> None:
    result, _ = cutting(dictionary, 0, 1, 0)
    assert result.failed
    assert "with db refusing: make integration-test: exit status 1" in result.summary
    assert [one.passed for one in result.evidence] == [False, False, True]
    assert [row[2] for row in result.tables[0].rows] == ["no", "yes"]


def test_nothing_is_cut_when_the_tests_fail_anyway(dictionary: Dictionary) -> None:
    result, outside = cutting(dictionary, 1)
    assert (result.failed, len(outside.ran), "cuts" in result.facts) == (True, 1, False)


def test_a_rehearsal_cuts_nothing(dictionary: Dictionary) -> None:
    would: list[str] = []
    inert = InertOutside({}, would=would.append)
    job = job_of(dictionary, environment=STAGING, outside=inert)
    deploy.run(job, deploy.Options())
    result = run(job, attrs.evolve(AUTOMATIC, cut=(Cut(dependency="auth", how="stop"),)))
    assert result.status is Status.REHEARSED
    assert would == ["run make integration-test"] * 2
    assert [row[2] for row in result.tables[0].rows] == ["would run"]
    assert ([one.kind for one in result.evidence], result.facts) == (["integration-test"], {})
    assert "auth stopped, for the time of a test" in job.progress.notes  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{how: stop}", "cut[0].dependency: must be given"),
        ("{dependency: auth, how: break}", "cut[0].how: expected stop or refuse or slow"),
        ("{dependency: auth, how: slow, delay: 2}", "cut[0].delay: unknown key"),
        ("{dependency: auth, how: slow, delay_seconds: -1}", "cut[0].delay_seconds: expected at"),
        ("auth", "cut[0]: expected keys and values, got 'auth'"),
    ],
)
def test_a_cut_that_is_written_wrong_is_said_at_its_line(
    said: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "service: web\nversion: '1.1.0'\nsteps:\n  unit-test: {command: [x]}\n"
    text += f"  integration-test:\n    cut:\n      - {said}\n"
    (found,) = problems_of(text)
    assert found.startswith("ci-steps.yaml:7: steps.integration-test.")
    assert problem in found
