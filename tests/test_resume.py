"""A run goes on where the one before it stopped: proof that stands is not asked for twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_steps.model import Environment, Evidence
from ci_steps.steps import integration_test, unit_test
from tests.fakes import AT, FakeOutside, job_of
from tests.parts.commands import called, service
from tests.parts.dictionaries import NOON, dictionary_at, ship
from tests.parts.git import HAS_GIT, WITHOUT_GIT, git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.protocols import Job

needs_git = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)
STAGING = Environment("staging")
OPTIONS = "0f3c"


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def job(dictionary: Dictionary, **more: Any) -> Job:
    return job_of(dictionary, **{"options_digest": OPTIONS, **more})


def prove(dictionary: Dictionary, *, passed: bool = True, **more: Any) -> None:
    dictionary.record_evidence(job(dictionary, **more).evidence("unit-test", passed))


def test_what_was_proven_for_just_this_build_stands(dictionary: Dictionary) -> None:
    assert unit_test.standing(job(dictionary)) is None
    prove(dictionary)
    assert unit_test.standing(job(dictionary)) is not None


@pytest.mark.parametrize(
    "other",
    [
        {"commit": "c2"},
        {"version": "1.1.1"},
        {"options_digest": "0f3d"},
        {"options_digest": ""},
        {"commit": "c1-dirty-0f3c"},
    ],
    ids=lambda other: " ".join(f"{key}={value}" for key, value in other.items()),
)
def test_it_stands_for_nothing_else(dictionary: Dictionary, other: dict[str, str]) -> None:
    prove(dictionary)
    prove(dictionary, commit="c1-dirty-0f3c")
    assert unit_test.standing(job(dictionary, **other)) is None


def test_the_latest_proof_counts_whoever_recorded_it(dictionary: Dictionary) -> None:
    prove(dictionary)
    later = FakeOutside(at=AT + timedelta(minutes=1))
    prove(dictionary, passed=False, outside=later, by="another agent")
    assert unit_test.standing(job(dictionary)) is None
    prove(dictionary, outside=FakeOutside(at=AT + timedelta(minutes=2)))
    assert unit_test.standing(job(dictionary)) is not None


def test_proof_from_before_options_were_kept_does_not_stand(dictionary: Dictionary) -> None:
    proof = job(dictionary).evidence("unit-test", True, options="")
    dictionary.record_evidence(proof)
    assert unit_test.standing(job(dictionary)) is None


def proof_after(dictionary: Dictionary, *, minutes: int, digest: str = "") -> Evidence | None:
    """Return the proof that stands for a deployment, tested *minutes* after it was made."""
    ship(dictionary, "auth 1.1.0", environment="staging")
    here = job(dictionary, environment=STAGING)
    at = FakeOutside(at=NOON + timedelta(minutes=minutes))
    there = job(dictionary, environment=STAGING, outside=at)
    dictionary.record_evidence(
        there.evidence("integration-test", True, environment="staging", digest=digest)
    )
    return integration_test.standing(here)


def test_a_deployment_that_was_tested_need_not_be_tested_again(dictionary: Dictionary) -> None:
    assert proof_after(dictionary, minutes=1) is not None


def test_one_that_was_made_anew_since_then_has_to_be(dictionary: Dictionary) -> None:
    assert proof_after(dictionary, minutes=-1) is None


def test_tests_of_another_image_prove_nothing(dictionary: Dictionary) -> None:
    assert proof_after(dictionary, minutes=1, digest="sha256:other") is None


SERVICE = """\
service: web
owner: a
pipeline: [unit-test, integration-test staging]
steps:
  unit-test: {command: [sh, -c, 'echo unit >> runs']}
  integration-test: {command: [sh, -c, 'echo integration >> runs; test -e well']}
environments:
  staging: {target: {command: {command: ["true"], proof: exit}}}
"""


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return service(tmp_path / "web", SERVICE)


def run(web: Path, *more: str) -> tuple[int, str, list[str]]:
    """Return the status of a run, its last line, and which tests have run so far."""
    ended = called(web, "run", "--dictionary", str(web.parent / "d.db"), *more)
    runs = web / "runs"
    return ended.status, ended.err, runs.read_text().split() if runs.exists() else []


@needs_git
def test_a_run_after_a_failure_runs_what_is_left_and_says_what_stands(web: Path) -> None:
    status, said, runs = run(web, "--until", "unit-test")
    assert (status, runs) == (0, ["unit"])
    status, said, runs = run(web)
    assert (status, runs) == (1, ["unit"])  # nothing is deployed that could be tested
    assert "unit-test ................... stands " in said
    assert "proven 20" in said
    assert said.splitlines()[-1].startswith("web 1.1.0 stopped at integration-test staging: ")
    assert said.splitlines()[-1].endswith("; run again with ci-steps run")


@needs_git
@pytest.mark.parametrize("asked", [("--again",), ("--only", "unit-test")])
def test_who_asks_for_it_gets_it_run_again(web: Path, asked: tuple[str, ...]) -> None:
    run(web, "--until", "unit-test")
    assert run(web, *asked)[2] == ["unit", "unit"]


@needs_git
def test_other_options_and_another_commit_are_tested_anew(web: Path) -> None:
    run(web, "--until", "unit-test")
    more = {"CI_STEPS_UNIT_TEST_TIMEOUT_SECONDS": "60"}
    called(web, "run", "--dictionary", str(web.parent / "d.db"), "--until", "unit-test", more=more)
    assert (web / "runs").read_text().split() == ["unit", "unit"]
    (web / "VERSION").write_text("1.1.0\n\n")
    git(web, "commit", "--all", "--quiet", "--message", "another commit")
    assert run(web, "--until", "unit-test")[2] == ["unit", "unit", "unit"]
