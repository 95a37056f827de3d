"""The example Jenkinsfile runs in real groovy; its steps are a stand-in whose `sh` really runs.

Not proven: how a controller transforms (CPS) and restricts (sandbox) Groovy, and its pages.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.repository import Repository, repository

ROOT = Path(__file__).parents[1]
STAND_IN = ROOT / "tests" / "parts" / "jenkins" / "pipeline.groovy"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("groovy") or not shutil.which("java"),
        reason="not proven here that Jenkinsfile.example runs: there is no groovy or no java",
    ),
]

STAGES = [
    "Unit test",
    "Version check",
    "Container build",
    "Deploy to staging",
    "Integration test",
    "Approve",
    "Deploy to production",
]
# What a person types is text, and never a part of a command.
REASON = """it's "fine"; $(touch injected) `touch injected`"""
APPROVED = {"by": "release-team", "parameters": {"APPROVAL_REASON": REASON}}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Repository]:
    with repository(tmp_path) as made:
        yield made


def build(
    service: Repository, answer: dict[str, Any] | None = None, branch: str = "main"
) -> dict[str, Any]:
    """Run the Jenkinsfile once; a person gives *answer* to its question."""
    environ = dict(service.environ)
    dictionary = environ.pop("CI_STEPS_DICTIONARY")
    scenario = {
        "branch": branch,
        "workspace": str(service.folder),
        "environment": environ,
        "credentials": {"ci-steps-dictionary": dictionary, "slack-token": "xoxb-opensesame"},
        "input": answer or APPROVED,
    }
    told, answered = service.folder.parent / "scenario.json", service.folder.parent / "answer.json"
    told.write_text(json.dumps(scenario))
    service.environ["JAVA_HOME"] = str(Path(shutil.which("java") or "").resolve().parents[1])
    service.environ["JAVA_OPTS"] = "-XX:TieredStopAtLevel=1 -Xshare:auto"
    ran = service.call(
        "groovy", str(STAND_IN), str(ROOT / "Jenkinsfile.example"), str(told), str(answered)
    )
    assert answered.exists(), ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(answered.read_text())
    assert "opensesame" not in ran.stdout + ran.stderr
    return {**found, "log": ran.stdout + ran.stderr}


def texts(found: dict[str, Any], step: str) -> list[str]:
    return [event["text"] for event in found["events"] if event["step"] == step]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """Return a service that one build has brought to production."""
    with repository(tmp_path_factory.mktemp("released")) as made:
        made.answer = build(made)
        yield made


def test_a_build_visits_every_stage_and_production_answers(released: Repository) -> None:
    found = released.answer
    assert found["result"] == "SUCCESS", found["log"]
    assert texts(found, "stage") == STAGES
    assert [line.split()[:3] for line in texts(found, "sh") if line.startswith("ci-steps")] == [
        ["ci-steps", "unit-test"],
        ["ci-steps", "version-check"],
        ["ci-steps", "container-build"],
        ["ci-steps", "deploy", "staging"],
        ["ci-steps", "integration-test", "staging"],
        ["ci-steps", "integration-test", "staging"],
        ["ci-steps", "deploy", "production"],
        ["ci-steps", "notify-owners"],
    ]
    assert released.answers("production") == "1.1.0"
    assert found["description"] == "auth 1.1.0: passed"
    assert [event["found"] for event in found["events"] if event["step"] == "junit"] == [1]


def test_an_approval_is_recorded_with_its_name_and_reason_and_never_run(
    released: Repository,
) -> None:
    (asked,) = [event for event in released.answer["events"] if event["step"] == "input"]
    assert asked["submitter"] == "release-approvers"
    outputs = released.folder / ".ci-steps" / "outputs" / "integration-test-staging.json"
    assert json.loads(outputs.read_text())["summary"] == f"approved by release-team: {REASON}"
    assert not (released.folder / "injected").exists()


def test_without_an_approval_nothing_reaches_production(service: Repository) -> None:
    found = build(service, {"abort": True})
    assert found["result"] == "ABORTED"
    assert texts(found, "stage") == STAGES[:6]
    assert "ci-steps deploy production" not in texts(found, "sh")
    assert service.answers("production") == ""
    assert service.answers("staging") == "1.1.0"
    assert texts(found, "sh")[-1] == "ci-steps notify-owners"


def test_after_a_failing_unit_test_nothing_is_deployed_and_owners_are_still_told(
    service: Repository,
) -> None:
    service.break_tests()
    found = build(service)
    assert found["result"] == "FAILURE"
    assert texts(found, "stage") == STAGES[:1]
    assert texts(found, "failed") == ["script returned exit code 1"]
    assert texts(found, "sh")[-1] == "ci-steps notify-owners"
    assert found["description"] == "auth 1.1.0: unit-test failed"
    assert service.answers("staging") == ""
    assert [event["found"] for event in found["events"] if event["step"] == "junit"] == [1]


def test_a_branch_goes_to_staging_and_asks_nobody(service: Repository) -> None:
    found = build(service, branch="faster-login")
    assert found["result"] == "SUCCESS", found["log"]
    assert texts(found, "skipped") == ["Approve", "Deploy to production"]
    assert texts(found, "input") == []
    assert service.answers("production") == ""
