"""A test command is believed only as far as its reports go, by real commands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import OutsideError
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.testing.running import Verified, run_tests
from tests.fakes import job_of
from tests.parts.dictionaries import dictionary_at

CASE = '<testcase name="a"/>'
FAILED = '<testcase name="b"><failure message="no"/></testcase>'
SKIPPED = '<testcase name="c"><skipped/></testcase>'


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def verified(
    dictionary: Dictionary, folder: Path, script: str, *junit: str, seconds: float = 60
) -> Verified:
    job = job_of(dictionary, outside=Outside(dict(os.environ)), root=folder)
    return run_tests(job, Command(("sh", "-c", script)), junit, seconds, {"CI_STEPS_X": "told"})


def writes(*cases: str, status: int = 0) -> str:
    return f"echo '<testsuite>{''.join(cases)}</testsuite>' > r.xml; exit {status}"


def test_without_reports_the_exit_status_counts(dictionary: Dictionary, tmp_path: Path) -> None:
    assert verified(dictionary, tmp_path, "exit 0").passed
    failed = verified(dictionary, tmp_path, "exit 3")
    assert not failed.passed
    assert failed.summary == "sh -c 'exit 3': exit status 3"


def test_with_reports_their_tests_are_counted(dictionary: Dictionary, tmp_path: Path) -> None:
    found = verified(dictionary, tmp_path, writes(CASE, SKIPPED), "r.xml")
    assert found == Verified(passed=True, summary="2 tests, 1 skipped")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (writes(CASE, FAILED), "2 tests, 1 failed"),
        (writes(), "the reports hold no test"),
        (writes(SKIPPED), "every test was skipped"),
        ("echo '<testsuite' > r.xml", "r.xml is not a JUnit report: "),
        ("true", "no report was written: r.xml"),
    ],
)
def test_exit_status_0_alone_is_not_believed(
    dictionary: Dictionary, tmp_path: Path, script: str, said: str
) -> None:
    found = verified(dictionary, tmp_path, script, "r.xml")
    assert not found.passed
    assert found.summary.startswith(said)


def test_a_good_report_of_a_command_that_failed_is_not_believed(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    found = verified(dictionary, tmp_path, writes(CASE, status=2), "r.xml")
    assert not found.passed
    assert found.summary.endswith("exit status 2 (1 test)")


def test_a_report_of_an_earlier_run_is_not_believed(dictionary: Dictionary, tmp_path: Path) -> None:
    assert verified(dictionary, tmp_path, writes(CASE), "r.xml").passed
    assert not verified(dictionary, tmp_path, "true", "r.xml").passed


@pytest.mark.parametrize(
    ("script", "how"), [("kill -9 $$", "killed by SIGKILL"), ("sleep 60", "stopped after 0.2 s")]
)
def test_a_command_that_does_not_end_by_itself_has_failed(
    dictionary: Dictionary, tmp_path: Path, script: str, how: str
) -> None:
    found = verified(dictionary, tmp_path, script, seconds=0.2)
    assert not found.passed
    assert found.summary.endswith(how)


def test_a_command_that_is_missing_is_no_failing_test(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    job = job_of(dictionary, outside=Outside(dict(os.environ)), root=tmp_path)
    with pytest.raises(OutsideError, match="no-such-tool: no such program"):
        run_tests(job, Command(("no-such-tool",)), (), 60)


def test_the_command_is_told_what_it_tests(dictionary: Dictionary, tmp_path: Path) -> None:
    script = "env | grep ^CI_STEPS_ | sort > told; pwd >> told"
    assert verified(dictionary, tmp_path, script).passed
    told = (tmp_path / "told").read_text().split()
    assert told[-1] == str(tmp_path)
    assert {
        "CI_STEPS_COMMIT=c1",
        "CI_STEPS_SERVICE=auth",
        "CI_STEPS_VERSION=1.1.0",
        "CI_STEPS_X=told",
    } <= set(told)


def test_in_a_rehearsal_success_is_only_supposed(dictionary: Dictionary, tmp_path: Path) -> None:
    job = job_of(dictionary, outside=InertOutside({}), root=tmp_path)
    found = run_tests(job, Command(("make", "test")), ("r.xml",), 60)
    assert found == Verified(passed=True, summary="make test", assumed=True)
