"""The example Jenkinsfile and the library run in real groovy; a stand-in has Jenkins' own steps,
and its `sh` really runs.

Not proven: how a controller transforms (CPS) and restricts (sandbox) Groovy, and its pages.
"""

from __future__ import annotations

import json
import re
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
APPROVED = {"by": "release-team", "parameters": {"REASON": REASON}}
SECRETS = {"slack-token": "xoxb-opensesame"}
LIBRARY = ROOT / "vars" / "ciSteps.groovy"
NOBODY_LISTENS = 9


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Repository]:
    with repository(tmp_path) as made:
        yield made


def build(
    service: Repository,
    answer: dict[str, Any] | None = None,
    branch: str = "main",
    without: str = "",
) -> dict[str, Any]:
    """Run the Jenkinsfile once; a person gives *answer* to its question."""
    environ = dict(service.environ)
    dictionary = environ.pop("CI_STEPS_DICTIONARY")
    here = service.folder.parent
    scenario = {
        "branch": branch,
        "repository": str(service.folder),
        "agents": [str(here / "agent-1"), str(here / "agent-2")],
        "archive": str(here / "archive"),
        "environment": environ,
        "credentials": {
            name: secret
            for name, secret in {"ci-steps-dictionary": dictionary, **SECRETS}.items()
            if name != without
        },
        "input": answer or APPROVED,
    }
    told, answered = service.folder.parent / "scenario.json", service.folder.parent / "answer.json"
    told.write_text(json.dumps(scenario))
    service.environ["JAVA_HOME"] = str(Path(shutil.which("java") or "").resolve().parents[1])
    service.environ["JAVA_OPTS"] = "-XX:TieredStopAtLevel=1 -Xshare:auto"
    ran = service.call(
        *("groovy", str(STAND_IN), str(ROOT / "Jenkinsfile.example"), str(LIBRARY)),
        *(str(told), str(answered)),
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
        ["ci-steps", "integration-test", "--mode=manual"],
        ["ci-steps", "deploy", "production"],
        ["ci-steps", "notify-owners", "--strict"],
    ]
    assert released.answers("production") == "1.1.0"
    assert found["name"] == "#7 auth 1.1.0"
    assert found["description"] == "auth 1.1.0: passed"
    assert texts(found, "lock") == ["ci-steps auth staging", "ci-steps auth production"]
    assert [event["found"] for event in found["events"] if event["step"] == "junit"] == [1]


def test_an_approval_is_recorded_with_its_name_and_reason_and_never_run(
    released: Repository,
) -> None:
    (asked,) = [event for event in released.answer["events"] if event["step"] == "input"]
    assert asked["submitter"] == "release-approvers"
    outputs = released.folder.parent / "archive/.ci-steps/outputs/integration-test-staging.json"
    assert json.loads(outputs.read_text())["summary"] == f"approved by release-team: {REASON}"
    assert list(released.folder.parent.rglob("injected")) == []


def test_without_an_approval_nothing_reaches_production(service: Repository) -> None:
    found = build(service, {"abort": True})
    assert found["result"] == "ABORTED"
    assert texts(found, "stage") == STAGES[:6]
    assert "ci-steps deploy production" not in texts(found, "sh")
    assert service.answers("production") == ""
    assert service.answers("staging") == "1.1.0"
    assert texts(found, "sh")[-1] == "ci-steps notify-owners --strict"


def test_after_a_failing_unit_test_nothing_is_deployed_and_owners_are_still_told(
    service: Repository,
) -> None:
    service.break_tests()
    found = build(service)
    assert found["result"] == "FAILURE"
    assert texts(found, "stage") == STAGES[:1]
    assert texts(found, "failed") == ["ci-steps unit-test ended with status 1"]
    assert texts(found, "sh")[-1] == "ci-steps notify-owners --strict"
    assert found["description"] == "auth 1.1.0: unit-test failed"
    assert service.answers("staging") == ""
    assert [event["found"] for event in found["events"] if event["step"] == "junit"] == [1]


def test_a_branch_goes_to_staging_and_asks_nobody(service: Repository) -> None:
    found = build(service, branch="faster-login")
    assert found["result"] == "SUCCESS", found["log"]
    assert texts(found, "skipped") == ["Approve", "Deploy to production"]
    assert texts(found, "input") == []
    assert service.answers("production") == ""


@pytest.mark.parametrize("name", ["ci-steps-dictionary", "slack-token"])
def test_a_missing_credential_is_named_and_fails_the_build(service: Repository, name: str) -> None:
    missing_first = name == "ci-steps-dictionary"
    found = build(service, without=name)
    assert found["result"] == "FAILURE"
    assert texts(found, "failed")[0] == f"no credentials '{name}'"
    assert (texts(found, "stage") == []) == missing_first
    assert service.answers("staging") == ("" if missing_first else "1.1.0")


def test_a_notice_that_is_not_delivered_makes_the_build_unstable(service: Repository) -> None:
    service.be_needed(NOBODY_LISTENS)
    found = build(service)
    assert found["result"] == "UNSTABLE", found["log"]
    assert texts(found, "unstable") == [
        "ci-steps notify-owners: done, but not every owner could be told"
    ]
    assert texts(found, "stage") == STAGES
    assert texts(found, "failed") == []


def test_every_word_of_the_library_is_short() -> None:
    text = LIBRARY.read_text()
    bodies = re.findall(
        r"^(?:private )?\w+ (\w+)\(.*?\) \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE
    )
    assert {"unitTest", "versionCheck", "deploy", "approve", "report"} <= {one[0] for one in bodies}
    assert [name for name, body in bodies if len(body.splitlines()) > 15] == []
