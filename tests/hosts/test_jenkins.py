"""Jenkins: files of the workspace and lines that plugins read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ci_steps.hosts import jenkins as host
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside

BUILD = {"JENKINS_URL": "https://ci.shop.example/"}


def test_it_is_here_only_in_a_build() -> None:
    assert host.is_here(BUILD)
    assert not host.is_here({"JENKINS_URL": ""})


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({"GIT_BRANCH": "origin/main"}, "origin/main"),
        ({"GIT_BRANCH": "origin/main", "BRANCH_NAME": "main"}, "main"),
        ({"BRANCH_NAME": "PR-7", "CHANGE_BRANCH": "faster-login"}, "faster-login"),
        ({}, ""),
    ],
)
def test_the_branch_is_the_one_people_named(environ: dict[str, str], branch: str) -> None:
    assert host.facts(environ).branch == branch


def test_the_facts_are_those_of_the_build() -> None:
    facts = host.facts({"GIT_COMMIT": "4f1c2aa", "BUILD_URL": "u", "BUILD_USER_ID": "reviewer"})
    assert (facts.commit, facts.url, facts.actor) == ("4f1c2aa", "u", "reviewer")


def test_outputs_and_summary_are_files_of_the_workspace(tmp_path: Path) -> None:
    outside = Outside({**BUILD, "WORKSPACE": str(tmp_path)})
    host.hand_over({"status": "passed", "told": "1"}, "## auth ✅\n", outside)
    host.hand_over({"status": 'fai"led\n'}, "## auth ❌\n", outside)
    folder = tmp_path / ".ci-steps"
    assert json.loads((folder / "outputs.json").read_text()) == {"status": 'fai"led\n'}
    assert (folder / "summary.md").read_text() == "## auth ❌\n"


def test_a_rehearsal_writes_nothing(tmp_path: Path) -> None:
    host.hand_over({"status": "passed"}, "x", InertOutside({"WORKSPACE": str(tmp_path)}))
    assert list(tmp_path.iterdir()) == []


def test_an_annotation_is_a_line_as_compilers_write_it() -> None:
    assert (
        host.annotation("error", "service: two\nlines", "ci-steps.yaml", 7)
        == "ci-steps.yaml:7: error: service: two lines"
    )


def test_an_annotation_without_a_place_is_not_repeated() -> None:
    assert host.annotation("error", "unit-test failed") == ""
    assert host.annotation("error", "is empty", "ci-steps.yaml") == ""


def test_nothing_else_is_written_into_the_log() -> None:
    assert (host.mask("hunter22"), host.group("unit-test")) == ("", ("", ""))
    assert host.quoted("::error::x") == "::error::x"
