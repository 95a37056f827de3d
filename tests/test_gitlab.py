"""GitLab's template: its schema, and every job of it against real services."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci_steps import registry
from tests.parts import gitlab
from tests.parts.repository import Repository, repository

ROOT = Path(__file__).parents[1]
REASON = """it's "fine"; $(touch injected) `touch injected`"""
MAIN = {
    "CI_PIPELINE_SOURCE": "push",
    "CI_COMMIT_BRANCH": "main",
    "CI_DEFAULT_BRANCH": "main",
    "GITLAB_USER_LOGIN": "release-lead",
    "APPROVAL_REASON": REASON,
}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Repository]:
    with repository(tmp_path) as made:
        yield made


def test_the_schema_of_gitlab_accepts_the_template() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    if not checker.exists():
        pytest.skip("not proven here that GitLab's schema accepts it: no check-jsonschema")
    template = str(ROOT / "gitlab" / "ci-steps.gitlab-ci.yml")
    command = [str(checker), "--builtin-schema", "vendor.gitlab-ci", template]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_every_step_has_a_job() -> None:
    scripts = " ".join(line for _, job in gitlab._in_order() for line in job["script"])
    assert [step for step in registry.STEPS if f"ci-steps {step}" not in scripts] == []


@pytest.mark.slow
def test_a_release_goes_through_every_stage(service: Repository) -> None:
    ended = gitlab.pipeline(service, MAIN)
    assert {name: one.state for name, one in ended.items()} == dict.fromkeys(
        (
            *("unit-test", "version-check", "container-build", "deploy-staging"),
            *("integration-test-staging", "approve", "deploy-production", "notify-owners"),
        ),
        "success",
    ), "\n".join(one.log for one in ended.values())
    assert service.answers("production") == "1.1.0"
    assert ended["deploy-production"].url.startswith("http://127.0.0.1:")
    assert ended["unit-test"].tests == 1
    assert f"approved by release-lead: {REASON}" in ended["approve"].log
    assert not (service.folder / "injected").exists()
    assert "opensesame" not in "".join(one.log for one in ended.values())


@pytest.mark.slow
def test_without_an_approval_nothing_reaches_production(service: Repository) -> None:
    ended = gitlab.pipeline(service, MAIN, approves=False)
    assert ended["approve"].state == "manual"
    assert ended["deploy-production"].state == "skipped"
    assert ended["notify-owners"].state == "success"
    assert service.answers("production") == ""


@pytest.mark.slow
def test_after_a_failing_test_nothing_is_deployed_and_owners_are_still_told(
    service: Repository,
) -> None:
    service.break_tests()
    ended = gitlab.pipeline(service, MAIN)
    assert ended["unit-test"].state == "failed"
    assert ended["deploy-staging"].state == "skipped"
    assert ended["notify-owners"].state == "success"
    assert service.answers("staging") == ""


@pytest.mark.slow
def test_a_merge_request_is_rehearsed_and_a_mistake_is_marked(service: Repository) -> None:
    request = {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "it's $(touch injected)",
    }
    (only,) = gitlab.pipeline(service, request).values()
    assert only.state == "success", only.log
    assert "no pull request to say it under" in only.log
    file = service.folder / "ci-steps.yaml"
    file.write_text(file.read_text().replace("junit:", "juint:"))
    (only,) = gitlab.pipeline(service, request).values()
    assert only.state == "failed"
    (issue,) = only.issues
    assert issue["location"] == {"path": "ci-steps.yaml", "lines": {"begin": 4}}
    assert issue["description"].startswith("steps.unit-test.juint: unknown key")
    assert not (service.folder / "injected").exists()


def test_what_the_template_shows_is_not_a_secret() -> None:
    assert "token" not in json.dumps(gitlab.TEMPLATE).lower()
