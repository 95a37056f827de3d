"""A run comes to the same end wherever it runs: no home, no colour, no letters but ASCII."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.parts.commands import Ended, called, service, typed_in
from tests.parts.git import HAS_GIT, WITHOUT_GIT, git

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

SERVICE = """\
service: web
owner: größe
pipeline: [unit-test, version-check]
steps: {unit-test: {command: [echo, größe]}}
"""


@pytest.mark.parametrize(
    "environ",
    [
        {"HOME": ""},
        {"HOME": "/proc/1/none"},
        {"LANG": "C", "LC_ALL": "C"},
        {"NO_COLOR": "1", "TERM": "xterm-256color"},
        {"TERM": "dumb", "COLUMNS": "80"},
        {"COLUMNS": "200"},
    ],
    ids=lambda environ: " ".join(f"{key}={value}" for key, value in environ.items()),
)
def test_a_run_comes_to_the_same_end(tmp_path: Path, environ: Mapping[str, str]) -> None:
    web = service(tmp_path / "web", SERVICE)
    ended = called(web, "run", "--dictionary", str(tmp_path / "d.db"), more=environ)
    assert ended.status == 0, ended.err
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.err
    assert ended.err.splitlines()[-1].startswith("web 1.1.0 passed 2 steps, ")
    report = json.loads((web / ".ci-steps" / "report.json").read_bytes())
    assert report["passed"]
    assert "größe" in report["steps"][0]["summary"]


def test_the_same_step_twice_in_one_job_stands_there_once(tmp_path: Path) -> None:
    web = service(tmp_path / "web", SERVICE)
    for _ in range(2):
        ended = called(web, "unit-test", "--dictionary", str(tmp_path / "d.db"))
        assert (ended.status, "passed" in ended.err) == (0, True)
    report = json.loads((web / ".ci-steps" / "report.json").read_bytes())
    assert [one["step"] for one in report["steps"]] == ["unit-test"]
    assert len(list((web / ".ci-steps" / "jobs").iterdir())) == 1


def test_two_jobs_at_once_in_one_workspace_do_not_meet(tmp_path: Path) -> None:
    web = service(tmp_path / "web", SERVICE)

    def job(number: int) -> Ended:
        told = {"GITLAB_CI": "true", "CI_JOB_URL": f"https://gitlab.example/web/-/jobs/{number}"}
        return called(web, "run", "--again", "--dictionary", str(tmp_path / "d.db"), more=told)

    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(job, (7, 8)))
    assert [one.status for one in ended] == [0, 0], ended
    reports = [json.loads(file.read_bytes()) for file in (web / ".ci-steps/jobs").iterdir()]
    assert {one["job"]["url"][-1] for one in reports} == {"7", "8"}
    assert [len(one["steps"]) for one in reports] == [2, 2]


@pytest.mark.parametrize(
    ("told", "warned"),
    [
        ({"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted"}, True),
        ({"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "self-hosted"}, False),
        ({"GITLAB_CI": "true", "CI_DISPOSABLE_ENVIRONMENT": "true"}, True),
        (
            {
                "GITLAB_CI": "true",
                "CI_DISPOSABLE_ENVIRONMENT": "true",
                "CI_STEPS_DICTIONARY": "../d.db",
            },
            False,
        ),
    ],
)
def test_a_dictionary_that_is_gone_with_the_job_is_warned_of(
    tmp_path: Path, told: Mapping[str, str], warned: bool
) -> None:
    ended = typed_in(service(tmp_path / "web", SERVICE), "unit-test", more=told)
    said = "warning: no dictionary is named, so what is proven here is forgotten"
    assert (ended.status, said in ended.err) == (0, warned)


def test_the_name_of_a_branch_is_text(tmp_path: Path) -> None:
    web = service(tmp_path / "web", SERVICE)
    branch = 'it\'s-"$(touch${IFS}owned)"-<b>'
    git(web, "checkout", "--quiet", "-b", branch)
    told = {
        "GITLAB_CI": "true",
        "CI_COMMIT_REF_NAME": branch,
        "CI_COMMIT_BRANCH": branch,
        "CI_JOB_URL": "https://gitlab.example/web/-/jobs/7",
    }
    ended = typed_in(web, "run", "--dictionary", str(tmp_path / "d.db"), more=told)
    assert ended.status == 0, ended.err
    assert not list(tmp_path.rglob("owned"))
    report = json.loads((web / ".ci-steps" / "report.json").read_bytes())
    assert report["job"]["branch"] == branch
    page = (web / ".ci-steps" / "report.html").read_text("utf-8")
    assert "it&#x27;s-&quot;$(touch${IFS}owned)&quot;-&lt;b&gt;" in page
