"""The plan: which steps, in which order, and where the dictionary is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.config import any_dictionary_url, dictionary_url
from tests.fakes import FakeOutside
from tests.parts.configured import PRODUCTION, STAGING, WORKS, plan_of


def titles(more: str = "") -> list[str]:
    return [step.title for step in plan_of(WORKS + more).steps]


def test_without_a_pipeline_the_usual_steps_are_taken_in_the_usual_order() -> None:
    # Production is described first and comes last all the same.
    assert titles(f"environments: {{{PRODUCTION}, {STAGING}}}") == [
        "unit-test",
        "version-check",
        "container-build",
        "deploy staging",
        "integration-test staging",
        "deploy production",
        "notify-owners",
    ]


def test_without_environments_nothing_is_deployed() -> None:
    assert titles() == ["unit-test", "version-check", "container-build", "notify-owners"]


def test_a_pipeline_is_taken_as_it_is_written() -> None:
    text = f"environments: {{{STAGING}}}\npipeline: [deploy staging, unit-test]"
    assert titles(text) == ["deploy staging", "unit-test"]


def test_an_empty_pipeline_has_no_steps() -> None:
    assert titles("pipeline: []") == []


def test_before_production_come_the_environments_of_the_pipeline_before_it() -> None:
    qa = STAGING.replace("staging", "qa")
    text = f"{WORKS}environments: {{{STAGING}, {qa}, {PRODUCTION}}}\n"
    assert plan_of(text).environments["production"].after == ("staging", "qa")
    short = text + "pipeline: [deploy staging, deploy production, deploy qa]"
    assert plan_of(short).environments["production"].after == ("staging",)


def test_what_must_come_before_can_be_written_out() -> None:
    production = PRODUCTION.replace("true,", "true, after: [],")
    text = f"{WORKS}environments: {{{STAGING}, {production}}}\n"
    assert plan_of(text).environments["production"].after == ()


def test_a_step_outside_of_the_pipeline_can_be_asked_for() -> None:
    plan = plan_of(
        f"{WORKS}environments: {{{STAGING}}}\npipeline: [unit-test]",
        step="integration-test",
        options={"command": "make it"},
    )
    assert plan.known_step("integration-test", "staging").options.command == ("make", "it")


@pytest.mark.parametrize(
    ("flag", "environ", "setting", "url"),
    [
        ("", {"HOME": "/h"}, "", "/h/.local/share/ci-steps/dictionary.db"),
        ("", {"HOME": "/h", "XDG_DATA_HOME": "/d"}, "", "/d/ci-steps/dictionary.db"),
        ("", {}, "d.db", "/root/of/web/d.db"),
        ("", {}, "/srv/d.db", "/srv/d.db"),
        ("", {}, "postgresql://host/name", "postgresql://host/name"),
        ("", {"CI_STEPS_DICTIONARY": "e.db"}, "d.db", "e.db"),
        ("f.db", {"CI_STEPS_DICTIONARY": "e.db"}, "d.db", "f.db"),
    ],
)
def test_the_dictionary_is_where_the_strongest_says(
    flag: str, environ: dict[str, str], setting: str, url: str
) -> None:
    assert dictionary_url(FakeOutside(environ), flag, setting, Path("/root/of/web")) == url


def test_a_command_without_a_service_takes_the_dictionary_of_the_file_here(folder: Path) -> None:
    (folder / "ci-steps.yaml").write_text("dictionary: d.db")
    assert any_dictionary_url(FakeOutside(), "", folder) == str(folder / "d.db")
    assert any_dictionary_url(FakeOutside(), "f.db", folder) == "f.db"


def test_a_broken_file_is_no_hindrance_where_another_place_names_the_dictionary(
    folder: Path,
) -> None:
    (folder / "ci-steps.yaml").write_text("dictionary: [")
    assert any_dictionary_url(FakeOutside({"CI_STEPS_DICTIONARY": "e.db"}), "", folder) == "e.db"
