"""`ci-steps config` and `plan`: what is wrong, what counts, and where it was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.config.schema import schema
from tests.parts.commands import Ended, service, typed
from tests.parts.configured import STAGING
from tests.parts.git import HAS_GIT, WITHOUT_GIT

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

_TEXT = f"""\
service: web
owner: web-team
steps: {{unit-test: {{command: make test}}}}
environments: {{{STAGING}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in the folder of a service, on a machine that is no CI system."""
    for name in ("GITHUB_ACTIONS", "JENKINS_URL", "CI_STEPS_DICTIONARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(service(tmp_path / "web", _TEXT))
    return tmp_path / "web"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ended:
    return typed(capsys, *arguments)


def test_a_good_file_is_said_to_be_good(capsys: pytest.CaptureFixture[str]) -> None:
    ended = said(capsys, "config", "check")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == "ci-steps.yaml: nothing wrong, 6 steps\n"
    assert said(capsys, "config", "check", "--json").document == {
        "schema": "ci-steps/check/1",
        "valid": True,
        "problems": [],
    }


def test_every_problem_is_an_error_of_its_own(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "ci-steps.yaml").write_text(_TEXT + "ownr: x\nscheme: y\n")
    ended = said(capsys, "config", "check")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "error: ci-steps.yaml:5: ownr: unknown key, did you mean owner?",
        "error: ci-steps.yaml:6: scheme: expected dated or semver or calver, got 'y'",
    ]


def test_problems_as_json_have_file_line_key_and_text(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "ci-steps.yaml").write_text(_TEXT + "ownr: x\n")
    ended = said(capsys, "config", "check", "--json")
    assert ended.status == 2
    (problem,) = ended.document["problems"]
    assert problem == {
        "file": "ci-steps.yaml",
        "line": 5,
        "key": "ownr",
        "text": "unknown key, did you mean owner?",
    }


def test_problems_are_marked_on_the_page_of_the_host(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    (folder / "ci-steps.yaml").write_text(_TEXT + "ownr: x\n")
    ended = said(capsys, "config", "check")
    assert "::error file=ci-steps.yaml,line=5::ownr: unknown key" in ended.err


def test_explain_names_where_each_value_comes_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_STEPS_DICTIONARY", "d.db")
    monkeypatch.setenv("CI_STEPS_UNIT_TEST_JUNIT", "a.xml,b.xml")
    ended = said(capsys, "config", "explain", "--json", "--build-version", "2.0.0")
    rows = {row["key"]: (row["value"], row["from"]) for row in ended.document["values"]}
    assert rows["service"] == ("web", "ci-steps.yaml:1")
    assert rows["version"] == ("2.0.0", "--build-version")
    assert rows["dictionary"] == ("d.db", "CI_STEPS_DICTIONARY")
    assert rows["commit"][1] == "git"
    assert rows["contract"] == ("", "default")
    assert rows["steps.unit-test.junit"] == (["a.xml", "b.xml"], "CI_STEPS_UNIT_TEST_JUNIT")
    assert rows["steps.unit-test.timeout_seconds"] == (3600.0, "default")
    assert rows["environments.staging.target.process.command"][0] == ["serve"]


def test_explain_for_people_is_a_table_without_colour(capsys: pytest.CaptureFixture[str]) -> None:
    ended = said(capsys, "config", "explain", "--dictionary", "d.db")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["dictionary", "d.db", "--dictionary"] in lines
    assert ["version", "1.1.0", "file", "VERSION"] in lines
    assert ["repository", "-", "default"] in lines
    assert "\x1b" not in ended.out


def test_the_schema_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    ended = said(capsys, "config", "schema")
    assert ended.document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(ended.document["properties"]) == set(schema()["properties"])


def test_the_plan_as_json_has_every_step_with_its_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = said(capsys, "plan", "--json").document
    assert document["schema"] == "ci-steps/plan/1"
    assert (document["service"], document["version"]) == ("web", "1.1.0")
    assert document["version_origin"] == "file VERSION"
    steps = {(one["step"], one["environment"]): one for one in document["steps"]}
    assert steps["unit-test", ""]["options"]["command"] == ["make", "test"]
    assert steps["deploy", "staging"]["target"] == "process"


def test_the_plan_for_people_shows_what_is_no_default(capsys: pytest.CaptureFixture[str]) -> None:
    ended = said(capsys, "plan", "--build-version", "2.0.0", "--commit", "c1")
    assert ended.out.startswith("web 2.0.0 (from --build-version)\n")
    (row,) = [line for line in ended.out.splitlines() if "unit-test" in line and "int" not in line]
    assert row.split() == ["unit-test", "command=make", "test"]


def test_nothing_is_touched_by_looking(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    before = sorted(folder.parent.rglob("*"))
    for question in (["plan"], ["config", "check"], ["config", "explain"], ["config", "schema"]):
        said(capsys, *question)
    assert sorted(folder.parent.rglob("*")) == before


def test_another_file_can_be_named(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "other.yaml").write_text(_TEXT.replace("service: web", "service: gis"))
    assert said(capsys, "plan", "--config", "other.yaml", "--json").document["service"] == "gis"
    ended = said(capsys, "plan", "--config", "none.yaml")
    assert ended.status == 2
    assert ended.err.startswith("error: none.yaml: no such file\n hint: ")
