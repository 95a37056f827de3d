"""GitLab: reports that its server reads, with whatever an output holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ci_steps.hosts import gitlab as host
from ci_steps.model import Mark
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside({"GITLAB_CI": "true", "CI_PROJECT_DIR": str(tmp_path)})


def test_it_is_here_only_when_gitlab_says_so() -> None:
    assert host.is_here({"GITLAB_CI": "true"})
    assert not host.is_here({"CI": "true"})


def test_a_merge_request_is_of_its_own_branch() -> None:
    facts = host.facts(
        {
            "CI_COMMIT_SHA": "4f1c2aa",
            "CI_COMMIT_REF_NAME": "refs/merge-requests/7/head",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "faster-login",
            "CI_JOB_URL": "https://ci.shop.example/7",
            "GITLAB_USER_LOGIN": "release-lead",
        }
    )
    assert (facts.commit, facts.branch, facts.url, facts.actor) == (
        *("4f1c2aa", "faster-login"),
        *("https://ci.shop.example/7", "release-lead"),
    )


def test_later_jobs_get_what_a_dotenv_can_hold_and_a_file_with_everything(
    outside: Outside, tmp_path: Path
) -> None:
    odd = {"status": "passed", "address": "http://h:1/?a=b%20c", "text": "a\nSHIPPED_X=1"}
    odd |= {"long": "x" * 1_000_000, "delete": "\x7f"}
    host.hand_over(odd, "## auth\n", outside)
    folder = tmp_path / ".ci-steps"
    assert (folder / "outputs.env").read_text() == (
        "SHIPPED_STATUS=passed\nSHIPPED_ADDRESS=http://h:1/?a=b%20c\n"
    )
    assert json.loads((folder / "outputs.json").read_text()) == odd
    assert (folder / "summary.md").read_text() == "## auth\n"


def test_marks_of_all_steps_of_a_job_are_in_one_report_once(
    outside: Outside, tmp_path: Path
) -> None:
    first = Mark("error", "service: wrong\nname", "ci-steps.yaml", 7)
    second = Mark("warning", "a field is gone", "openapi.yaml", 0)
    host.keep_marks([first], outside)
    host.keep_marks([first, second], outside)
    found = json.loads((tmp_path / ".ci-steps" / "code-quality.json").read_text())
    assert [one["severity"] for one in found] == ["major", "minor"]
    assert found[0]["description"] == "service: wrong name"
    assert found[1]["location"] == {"path": "openapi.yaml", "lines": {"begin": 1}}
    assert len({one["fingerprint"] for one in found}) == 2


@pytest.mark.parametrize("content", ["", "no json", "[1, {}]"])
def test_a_damaged_report_is_written_anew(outside: Outside, tmp_path: Path, content: str) -> None:
    file = tmp_path / ".ci-steps" / "code-quality.json"
    file.parent.mkdir()
    file.write_text(content)
    host.keep_marks([Mark("error", "x", "f", 1)], outside)
    assert len(json.loads(file.read_text())) == 1


def test_a_rehearsal_writes_nothing(tmp_path: Path) -> None:
    inert = InertOutside({"CI_PROJECT_DIR": str(tmp_path)})
    host.hand_over({"status": "would run"}, "x", inert)
    host.keep_marks([Mark("error", "x", "f", 1)], inert)
    assert list(tmp_path.iterdir()) == []


def test_what_a_test_prints_opens_and_closes_no_fold() -> None:
    opened, closed = host.group("deploy staging")
    assert opened == "\x1b[0Ksection_start:0:deploy_staging\r\x1b[0Kdeploy staging"
    assert "\x1b[0Ksection_" not in host.quoted(f"x {closed} {opened}")


def test_an_annotation_is_a_line_in_the_log() -> None:
    assert host.annotation("error", "a\nb", "f.yaml", 7) == "f.yaml:7: error: a b"
    assert host.annotation("error", "a") == ""
