"""unit-test: what the command says, what its reports say, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Status, StepResult
from ci_steps.options import Command
from ci_steps.outside.inert import InertOutside
from ci_steps.steps.unit_test import Options, run
from tests.fakes import FakeOutside, job_of
from tests.parts.dictionaries import dictionary_at

MAKE_TEST = Command(("make", "test"))
GOOD = (
    '<testsuite tests="2"><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>'
)
BAD = (
    '<testsuite tests="1"><testcase classname="t.T" name="a"><failure message="1 != 2"/>'
    "</testcase></testsuite>"
)


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def result_of(
    dictionary: Dictionary,
    folder: Path,
    *,
    exit_code: int = 0,
    report: str = "",
    junit: bool = True,
    told: Callable[[str], None] = lambda text: None,
) -> StepResult:
    """Return the result when the command writes *report* and ends with *exit_code*."""

    def act() -> None:
        if report:
            (folder / "unit.xml").write_text(report)

    outside = FakeOutside(exit_code=exit_code, act=act)
    job = job_of(dictionary, outside=outside, root=folder, tests_failed=told)
    return run(job, Options(MAKE_TEST, ("*.xml",) if junit else ()))


def test_a_passing_run_is_evidence_for_exactly_this_commit(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    result = result_of(dictionary, tmp_path, report=GOOD)
    (evidence,) = result.evidence
    assert result.status is Status.PASSED
    assert result.summary == "2 tests, 1 skipped"
    assert (evidence.kind, evidence.passed) == ("unit-test", True)
    assert (evidence.version, evidence.commit) == ("1.1.0", "c1")


def test_without_reports_the_exit_status_counts(dictionary: Dictionary, tmp_path: Path) -> None:
    assert result_of(dictionary, tmp_path, junit=False).status is Status.PASSED
    assert result_of(dictionary, tmp_path, junit=False, exit_code=2).status is Status.FAILED


def test_a_failing_run_is_evidence_too(dictionary: Dictionary, tmp_path: Path) -> None:
    result = result_of(dictionary, tmp_path, exit_code=1, report=BAD)
    assert result.status is Status.FAILED
    assert [one.passed for one in result.evidence] == [False]
    assert "1 failed" in result.summary


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        pytest.param(BAD, "1 failed", id="its report has a failure"),
        pytest.param("", "no report was written", id="it wrote no report"),
        pytest.param("<testsuite/>", "no test", id="its report has no test"),
        pytest.param("<testsuite", "not a JUnit report", id="its report cannot be read"),
    ],
)
def test_exit_status_0_is_not_believed_when(
    dictionary: Dictionary, tmp_path: Path, report: str, reason: str
) -> None:
    result = result_of(dictionary, tmp_path, report=report)
    assert result.status is Status.FAILED
    assert reason in result.summary


def test_a_report_of_an_earlier_run_proves_nothing(dictionary: Dictionary, tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(GOOD)
    result = result_of(dictionary, tmp_path)
    assert result.status is Status.FAILED
    assert "no report was written" in result.summary


def test_failing_tests_are_said_with_their_reasons(dictionary: Dictionary, tmp_path: Path) -> None:
    said: list[str] = []
    result_of(dictionary, tmp_path, exit_code=1, report=BAD, told=said.append)
    assert said == ["make test: exit status 1 (1 test, 1 failed)\nt.T.a: 1 != 2"]


def test_a_rehearsal_supposes_success_and_says_so(dictionary: Dictionary, tmp_path: Path) -> None:
    would: list[str] = []
    job = job_of(dictionary, outside=InertOutside({}, would=would.append), root=tmp_path)
    result = run(job, Options(MAKE_TEST, ("*.xml",)))
    assert result.status is Status.REHEARSED
    assert would == ["run make test"]
