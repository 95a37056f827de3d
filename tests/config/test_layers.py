"""Which value counts when several places say one, and where it is said to come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.parts.configured import (
    PRODUCTION,
    STAGING,
    WORKS,
    loaded,
    origins_of,
    plan_of,
    problems_of,
)


def write(name: str, text: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)
    return name


def command(text: str, environ: Mapping[str, str] | None = None, **flags: Any) -> str:
    """Return the command of the unit tests and where it comes from."""
    plan, layers = loaded(text, environ, **flags)
    path = ("steps", "unit-test", "command")
    return f"{' '.join(plan.options['unit-test'].command)} from {layers.origins[path]}"


def test_each_layer_counts_more_than_the_one_before() -> None:
    one = "steps: {unit-test: {command: %s}}"
    own = "service: web\nversion: '1.1.0'\n"
    environ = {"CI_STEPS_DEFAULTS": write("defaults.yaml", one % "defaults")}
    assert command(own, environ) == "defaults from defaults.yaml:1"
    own += f"extends: {write('../org/more.yaml', one % 'more')}\n"
    assert command(own, environ).startswith("more from ")
    own += one % "own"
    assert command(own, environ) == "own from ci-steps.yaml:4"
    environ["CI_STEPS_UNIT_TEST_COMMAND"] = "variable"
    assert command(own, environ) == "variable from CI_STEPS_UNIT_TEST_COMMAND"
    flags = {"step": "unit-test", "options": {"command": "flag 'a b'"}}
    assert command(own, environ, **flags) == "flag a b from --command"


def test_extends_is_meant_from_the_folder_of_the_file() -> None:
    write("../org/ci.yaml", "owner: org-team")
    assert plan_of(WORKS + "extends: ../org/ci.yaml").owner == "org-team"


def test_mappings_are_merged_and_lists_are_replaced() -> None:
    write("ci.yaml", "depends_on: [auth-1, gis-1]\nsteps: {unit-test: {timeout_seconds: 5}}")
    plan = plan_of(WORKS + "extends: ci.yaml\ndepends_on: [mail-1]")
    assert [one.written for one in plan.requirements] == ["mail-1"]
    assert plan.options["unit-test"].timeout_seconds == 5
    assert plan.options["unit-test"].command == ("make", "test")


def test_a_section_without_content_leaves_what_the_defaults_say() -> None:
    write("ci.yaml", "steps: {unit-test: {command: make check}}")
    plan = plan_of("service: web\nversion: '1'\nextends: ci.yaml\nsteps:\n".replace("'1'", "'1.1'"))
    assert plan.options["unit-test"].command == ("make", "check")


def test_of_targets_and_places_of_a_version_only_one_can_hold() -> None:
    write("VERSION", "2.0.0")
    write(
        "ci.yaml",
        "version: {pyproject: pyproject.toml}\n"
        "environments: {staging: {target: {command: {deploy: [ship]}}}}",
    )
    text = "service: web\nsteps: {unit-test: {command: t}}\nextends: ci.yaml\n"
    plan = plan_of(f"{text}version: {{file: VERSION}}\nenvironments: {{{STAGING}}}")
    assert plan.environments["staging"].target.name == "process"
    assert str(plan.version) == "2.0.0"


def test_options_of_the_same_target_are_merged() -> None:
    write("ci.yaml", "environments: {staging: {target: {process: {health: /up}}}}")
    plan = plan_of(f"{WORKS}extends: ci.yaml\nenvironments: {{{STAGING}}}")
    assert plan.environments["staging"].target.options.health == "/up"


def test_what_stands_in_two_places_by_an_alias_is_set_in_one() -> None:
    text = """\
service: web
version: '1.1.0'
steps:
  unit-test: &same {command: make test, timeout_seconds: 5}
  integration-test: *same
"""
    plan = plan_of(text, {"CI_STEPS_UNIT_TEST_TIMEOUT_SECONDS": "7"})
    assert plan.options["unit-test"].timeout_seconds == 7
    assert plan.options["integration-test"].timeout_seconds == 5


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("UNIT_TEST_COMMAND", "make 'a b'", ("make", "a b")),
        ("UNIT_TEST_JUNIT", "a.xml, b/*.xml\nc.xml", ("a.xml", "b/*.xml", "c.xml")),
        ("UNIT_TEST_TIMEOUT_SECONDS", "2.5", 2.5),
        ("VERSION_CHECK_STRICT", "TRUE", True),
        ("INTEGRATION_TEST_COMMAND", "make it", ("make", "it")),
        ("CONTAINER_BUILD_ARGUMENTS", "A=1\nB=x=y", {"A": "1", "B": "x=y"}),
    ],
)
def test_a_variable_is_read_as_its_option_is_declared(
    variable: str, text: str, value: object
) -> None:
    plan = plan_of(
        WORKS + "pipeline: [unit-test, version-check, container-build]\n"
        f"environments: {{{STAGING}}}",
        {f"CI_STEPS_{variable}": text},
        step="integration-test",
    )
    step = next(
        name for name in plan.options if variable.startswith(name.upper().replace("-", "_"))
    )
    assert (
        getattr(plan.options[step], variable.lower().removeprefix(step.replace("-", "_") + "_"))
        == value
    )


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("UNIT_TEST_TIMEOUT_SECONDS", "soon", "expected a number, got 'soon'"),
        ("UNIT_TEST_TIMEOUT_SECONDS", "nan", "expected a number, got nan"),
        ("UNIT_TEST_TIMEOUT_SECONDS", "0", "expected at least 1, got 0"),
        ("VERSION_CHECK_STRICT", "maybe", "expected true or false, got 'maybe'"),
        ("UNIT_TEST_COMMAND", "make 'a", "is not a command: no closing quotation"),
        ("CONTAINER_BUILD_ARGUMENTS", "A", "expected keys and values, got 'A'"),
    ],
)
def test_a_variable_that_does_not_fit_is_named(variable: str, text: str, said: str) -> None:
    (found,) = problems_of(WORKS, {f"CI_STEPS_{variable}": text})
    assert found.startswith(f"CI_STEPS_{variable}: steps.")
    assert found.endswith(said)


def test_an_empty_variable_is_unset() -> None:
    assert command(WORKS, {"CI_STEPS_UNIT_TEST_COMMAND": ""}).startswith("make test from ci-steps")
    assert str(plan_of(WORKS, {"CI_STEPS_VERSION": ""}).version) == "1.1.0"


def test_an_unknown_variable_of_a_step_is_a_problem_like_any_other() -> None:
    assert problems_of(WORKS + "ownr: x", {"CI_STEPS_DEPLOY_STRIKT": "1"}) == [
        "CI_STEPS_DEPLOY_STRIKT: no such option, did you mean CI_STEPS_DEPLOY_STRICT?",
        "ci-steps.yaml:4: ownr: unknown key, did you mean owner?",
    ]


def test_variables_that_are_no_options_are_left_alone() -> None:
    told = {"CI_STEPS_ADDRESS_AUTH": "x", "CI_STEPS_STATE": "y", "CI_STEPS_SERVICE": "z"}
    assert problems_of(WORKS, told) == []


def test_a_wrong_value_is_placed_where_the_layer_that_says_it_stands() -> None:
    write("ci.yaml", "owner: x\nsteps:\n  unit-test:\n    timeout_seconds: 0\n    junit: [1]")
    assert problems_of(WORKS + "extends: ci.yaml") == [
        "ci.yaml:4: steps.unit-test.timeout_seconds: expected at least 1, got 0",
        "ci.yaml:5: steps.unit-test.junit[0]: expected a text, got 1: put it in quotes",
    ]


def test_a_problem_in_a_replaced_list_is_not_placed_in_the_file_it_replaced() -> None:
    text = WORKS + "depends_on: [auth-1.1]\n"
    (said,) = problems_of(
        text, {}, step="version-check", options={"timeout_seconds": "x", "strict": True}
    )
    assert (
        said == "--timeout-seconds: steps.version-check.timeout_seconds: expected a number, got 'x'"
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.yaml", None, "ci-steps.yaml:4: extends: none.yaml: no such file"),
        ("ci.yaml", "- a", "ci.yaml: expected keys and values"),
        ("ci.yaml", "a: [", "ci.yaml:1: is not YAML: "),
        ("ci.yaml", "extends: b", "ci.yaml:1: extends: a file of defaults cannot extend another"),
        ("ci.yaml", "service: a", "ci.yaml:1: service: a file of defaults is for every service"),
        ("ci.yaml", "ownr: a", "ci.yaml:1: ownr: unknown key, did you mean owner?"),
    ],
)
def test_a_wrong_file_of_defaults_is_said(name: str, content: str | None, said: str) -> None:
    if content is not None:
        write(name, content)
    (found,) = problems_of(f"{WORKS}extends: {name}")
    assert found.startswith(said)


def test_every_file_that_cannot_be_read_is_said() -> None:
    environ = {"CI_STEPS_DEFAULTS": "/nonexistent/ci.yaml"}
    assert problems_of(WORKS + "extends: none.yaml", environ) == [
        "CI_STEPS_DEFAULTS: /nonexistent/ci.yaml: no such file",
        "ci-steps.yaml:4: extends: none.yaml: no such file",
    ]


def test_an_empty_file_of_defaults_says_nothing() -> None:
    write("ci.yaml", "")
    assert problems_of(WORKS + "extends: ci.yaml") == []


def test_explain_names_the_origin_of_each_value() -> None:
    write("ci.yaml", "repository: https://git.shop.example/web\n")
    origins = dict(
        origins_of(
            f"{WORKS}extends: ci.yaml\ndictionary: d.db\nenvironments: {{{PRODUCTION}}}",
            {"CI_STEPS_UNIT_TEST_JUNIT": "a.xml"},
        )
    )
    assert origins["service"] == "ci-steps.yaml:1"
    assert origins["version"] == "ci-steps.yaml:2"
    assert origins["commit"] == "--commit"
    assert origins["owner"] == "default"
    assert origins["repository"] == "ci.yaml:1"
    assert origins["dictionary"] == "ci-steps.yaml:5"
    assert origins["steps.unit-test.command"] == "ci-steps.yaml:3"
    assert origins["steps.unit-test.junit"] == "CI_STEPS_UNIT_TEST_JUNIT"
    assert origins["steps.unit-test.timeout_seconds"] == "default"
    assert origins["environments.production.production"] == "ci-steps.yaml:6"
    assert origins["environments.production.target.process.port"] == "default"


@pytest.mark.parametrize(
    ("environ", "flags", "key", "origin"),
    [
        ({}, {}, "dictionary", "default"),
        ({"CI_STEPS_DICTIONARY": "e.db"}, {}, "dictionary", "CI_STEPS_DICTIONARY"),
        ({"CI_STEPS_DICTIONARY": "e.db"}, {"dictionary": "f.db"}, "dictionary", "--dictionary"),
        ({"CI_STEPS_VERSION": "2.0.0"}, {}, "version", "CI_STEPS_VERSION"),
        ({"CI_STEPS_VERSION": "2.0.0"}, {"version": "3.0.0"}, "version", "--build-version"),
        ({"CI_STEPS_COMMIT": "c2"}, {"commit": ""}, "commit", "CI_STEPS_COMMIT"),
    ],
)
def test_explain_names_flags_and_variables_of_the_build(
    environ: dict[str, str], flags: dict[str, Any], key: str, origin: str
) -> None:
    assert dict(origins_of(WORKS, environ, **flags))[key] == origin


def test_explain_names_the_place_of_a_version_and_who_named_it() -> None:
    write("VERSION", "1.1.0")
    text = WORKS.replace("version: '1.1.0'\n", "")
    assert dict(origins_of(text))["version"] == "file VERSION"
    named = dict(origins_of(text + "version: {file: VERSION}"))
    assert named["version"] == "file VERSION (ci-steps.yaml:3)"


@pytest.mark.parametrize(
    ("environ", "flags", "said"),
    [
        ({"CI_STEPS_VERSION": "1.x"}, {}, "CI_STEPS_VERSION: version: '1.x' is not a version"),
        ({}, {"version": "1.x"}, "--build-version: version: '1.x' is not a version"),
        ({}, {"commit": "a b"}, "ci-steps.yaml: commit: --commit: 'a b' is not a commit"),
    ],
)
def test_a_wrong_build_is_placed_at_its_flag_or_variable(
    environ: dict[str, str], flags: dict[str, Any], said: str
) -> None:
    (found,) = problems_of(WORKS, environ, **flags)
    assert found.startswith(said)
