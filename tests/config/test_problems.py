"""What is wrong in ci-steps.yaml: every problem at once, each where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ci_steps import config
from ci_steps.errors import ConfigError, UsageError
from tests.fakes import FakeOutside
from tests.parts.configured import PRODUCTION, STAGING, WORKS, plan_of, problems_of

_SEEN = "has a user or password, which everybody would see who is told: leave it out"


def test_what_works_has_no_problem() -> None:
    assert problems_of(WORKS) == []


def test_the_file_of_the_readme_has_the_problems_it_shows() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    file, shown = re.findall(r"^```(?:yaml|console)\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    Path("VERSION").write_text("1.1.0")
    Path("openapi.yaml").write_text("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n")
    assert problems_of(file) == []
    wrong = file.replace("- auth-1.1", "- 1.1").replace("command: [make, test]", "comand: make")
    problems = [f"error: {problem}" for problem in problems_of(wrong)]
    assert ["$ ci-steps plan", *problems] == shown.splitlines()


def test_several_problems_are_reported_together_each_where_it_stands() -> None:
    text = """\
service: web
owner: 5
vershion: '1.1.0'
depends_on: [gis-201610, 1.10, gis]
pipeline: [unit-test, deplo staging, deploy stagin]
steps:
  unit-test:
    comand: make
    timeout_seconds: soon
  retire-chek: {}
environments:
  staging:
    production: 1
    target: {proces: {}}
  prod: {target: {process: {command: [serve, 5]}, command: {}}}
probes: {gis: {htp: {}}}
notify: {grace_days: -1, channels: {slak: {}}}
"""
    Path("VERSION").write_text("1.1.0")
    assert problems_of(text, {"CI_STEPS_UNIT_TEST_JUNITT": "x"}) == [
        "CI_STEPS_UNIT_TEST_JUNITT: no such option, did you mean CI_STEPS_UNIT_TEST_JUNIT?",
        "ci-steps.yaml:2: owner: expected a text, got 5: put it in quotes",
        "ci-steps.yaml:3: vershion: unknown key, did you mean version?",
        (
            "ci-steps.yaml:4: depends_on[1]: 1.1 is a number, not a version: YAML reads 1.10 as "
            "1.1, so put it in quotes"
        ),
        (
            "ci-steps.yaml:4: depends_on[2]: 'gis' is not a requirement: there is no version "
            "behind a name and a hyphen. Write it like auth-1.1, or in the long form "
            '{service: auth, version: "1.1"}.'
        ),
        "ci-steps.yaml:5: pipeline[1]: unknown step 'deplo', did you mean deploy?",
        (
            "ci-steps.yaml:5: pipeline[2]: no environment 'stagin' under environments, "
            "did you mean staging?"
        ),
        "ci-steps.yaml:8: steps.unit-test.comand: unknown key, did you mean command?",
        "ci-steps.yaml:9: steps.unit-test.timeout_seconds: expected a number, got 'soon'",
        "ci-steps.yaml:10: steps.retire-chek: unknown step, did you mean retire-check?",
        "ci-steps.yaml:13: environments.staging.production: expected true or false, got 1",
        (
            "ci-steps.yaml:14: environments.staging.target.proces: unknown target, "
            "did you mean process?"
        ),
        (
            "ci-steps.yaml:15: environments.prod.target: expected exactly one target "
            "(process, command, compose, kubernetes, ecs)"
        ),
        "ci-steps.yaml:16: probes.gis.htp: unknown probe, did you mean http?",
        "ci-steps.yaml:17: notify.channels.slak: unknown channel, did you mean slack?",
        "ci-steps.yaml:17: notify.grace_days: expected at least 0, got -1",
    ]


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        (
            "kubernetes: {namespace: 'shop-{env}'}",
            "kubernetes.namespace: nothing is filled in for {env}; known: environment, provider",
        ),
        (
            "docker: {labels: {title: '{providr}'}}",
            "docker.labels.title: nothing is filled in for {providr}, did you mean provider?",
        ),
        ("http: {url: 'mail.{environment}.shop'}", "http.url: expected an http or https address"),
    ],
)
def test_a_probe_that_could_never_ask_is_said_with_its_line(probe: str, said: str) -> None:
    assert f"ci-steps.yaml:2: probes.mail.{said}" in problems_of(
        f"service: a\nprobes: {{mail: {{{probe}}}}}"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("depends_on: auth-1.1", "depends_on: expected a list, got 'auth-1.1'"),
        ("depends_on: {auth: 1}", "depends_on: expected a list, got keys and values"),
        ("environments: [staging]", "environments: expected keys and values, got a list"),
        ("environments: {staging: 5}", "environments.staging: expected keys and values, got 5"),
        ("environments: {a: null}", "environments.a.target: must be given"),
        ("owner:", "owner: expected a text, got nothing"),
        ("owner: true", "owner: expected a text, got true: put it in quotes"),
        ("scheme: semvre", "scheme: expected dated or semver or calver, got 'semvre'"),
        ("notify: {grace_days: 1.5}", "notify.grace_days: expected a whole number, got 1.5"),
        ("notify: {grace_days: 4000}", "notify.grace_days: expected at most 3650, got 4000"),
        ("pipeline: unit-test", "pipeline: expected a list, got 'unit-test'"),
        ("pipeline: [deploy]", "pipeline[0]: deploy needs an environment, as in 'deploy staging'"),
        ("pipeline: [unit-test a]", "pipeline[0]: unit-test has no environment, got 'a'"),
        (
            "pipeline: [unit-test, unit-test]",
            "pipeline[1]: unit-test stands here for the second time",
        ),
        ("contract: openapi.yaml", "contract: openapi.yaml: no such file or folder"),
        ("<<: {a: 1}", "<<: unknown key"),
        ("depends_on: [web-1]", "depends_on[0]: web-1: a service cannot need itself"),
        ("repository: 'https://token@git.shop.example/web'", f"repository: {_SEEN}"),
        ("repository: 'ssh://git:pw@git.shop.example/web'", f"repository: {_SEEN}"),
        (
            "depends_on: [auth-1.1, auth-1.2]",
            "depends_on[1]: auth-1.2: auth is needed by auth-1.1 already",
        ),
        (
            "depends_on: [{service: auth, version: 1.10}]",
            (
                "depends_on[0]: 1.1 is a number, not a version: YAML reads 1.10 as 1.1, "
                "so put it in quotes"
            ),
        ),
        (
            "depends_on: [true]",
            (
                "depends_on[0]: expected a requirement: auth-1.1 or {service: auth, "
                "version: '1.1'}, got true"
            ),
        ),
        (
            "environments: {Staging: {target: {process: {command: serve}}}}",
            (
                "environments.Staging: 'Staging' is not the name of an environment: "
                "'S' is not one of a-z, 0-9 and the hyphen"
            ),
        ),
        (
            "environments: {a: {after: [a], target: {process: {command: serve}}}}",
            "environments.a.after[0]: a cannot come after itself",
        ),
        (
            "environments: {a: {traffic: {haprox: {}}, target: {process: {command: serve}}}}",
            "environments.a.traffic.haprox: unknown balancer, did you mean haproxy?",
        ),
        (
            "environments: {a: {traffic: {nginx: {}}, target: {process: {command: serve}}}}",
            "environments.a.traffic.nginx.file: must be given",
        ),
        (
            (
                "pipeline: [shift-traffic a]\n"
                "environments: {a: {target: {process: {command: serve}}}}"
            ),
            "pipeline[0]: shift-traffic a needs environments.a.traffic",
        ),
    ],
)
def test_a_wrong_line_says_what_was_expected(line: str, said: str) -> None:
    (found,) = problems_of(WORKS + line)
    assert found == f"ci-steps.yaml:4: {said}"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.10", "version: 1.1 is a number, not a version"),
        ("{text: 1.10}", "version.text: 1.1 is a number, not a version"),
        ("true", "version: expected a text, got true"),
        ("[a]", "version: expected a text, got a list"),
        ("'1.x'", "version: '1.x' is not a version"),
        ("{fiel: VERSION}", "version.fiel: unknown key, did you mean file?"),
        ("{file: VERSION, env: V}", "version: expected one of text, file, git_tag, pyproject"),
        ("{}", "version: expected one of text, file"),
    ],
)
def test_a_version_that_is_none_is_explained(version: str, said: str) -> None:
    text = f"service: web\nsteps: {{unit-test: {{command: t}}}}\nversion: {version}"
    (found,) = problems_of(text)
    assert found.startswith(f"ci-steps.yaml:3: {said}")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("[make, 5]", "expected a command such as [make, test], got a list; numbers go in quotes"),
        ("5", "expected a command such as [make, test], got 5; numbers go in quotes"),
        ("[]", "expected a command such as [make, test], got none"),
        ("''", "expected a command such as [make, test], got none"),
        ("['']", "expected a command such as [make, test], got none"),
        ('"a \'b"', '"a \'b" is not a command: no closing quotation'),
    ],
)
def test_a_command_that_is_none_is_refused(command: str, said: str) -> None:
    text = f"service: web\nversion: '1.1.0'\nsteps: {{unit-test: {{command: {command}}}}}"
    assert problems_of(text) == [f"ci-steps.yaml:3: steps.unit-test.command: {said}"]


_GROW = "steps.shift-traffic.shares: expected percents that grow, such as [0, 50, 100], got"
_TRAFFIC = "environments: {{production: {{target: {{process: {{command: serve}}}}, traffic: {}}}}}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            _TRAFFIC.format("{kubernetes: {}}"),
            "environments.production.traffic.kubernetes: expected either a route or a service",
        ),
        (
            _TRAFFIC.format("{kubernetes: {rout: auth}}"),
            "environments.production.traffic.kubernetes.rout: unknown key, did you mean route?",
        ),
        ("shares: []", f"{_GROW} none"),
        ("shares: [50, 0]", f"{_GROW} 50, 0"),
        ("shares: [0, 101]", f"{_GROW} 0, 101"),
        ("shares: [-1]", f"{_GROW} -1"),
        ("errors: up", "steps.shift-traffic.errors: errors and prometheus need each other"),
        (
            "prometheus: http://prometheus.example",
            "steps.shift-traffic.prometheus: errors and prometheus need each other",
        ),
    ],
)
def test_options_that_do_not_go_together_are_said_where_they_stand(line: str, said: str) -> None:
    of_environment = line.startswith("environments")
    steps = "" if of_environment else f"{{shift-traffic: {{{line}}}, "
    text = WORKS.replace("{", steps, 1) if steps else f"{WORKS}{line}\n"
    assert problems_of(text) == [f"ci-steps.yaml:{4 if of_environment else 3}: {said}"]


def test_a_consequence_of_a_problem_is_not_a_problem_of_its_own() -> None:
    text = WORKS + f"environments: {{{STAGING}, production: {{production: true}}}}"
    assert problems_of(text) == ["ci-steps.yaml:4: environments.production.target: must be given"]


def test_a_service_must_be_named() -> None:
    text = WORKS.replace("service: web", "owner: web-team")
    assert problems_of(text) == ["ci-steps.yaml:1: service: must be given"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ci-steps.yaml: is empty, and says at least: service: my-service"),
        ("# nothing\n", "ci-steps.yaml: is empty, and says at least: service: my-service"),
        ("- service: web", "ci-steps.yaml: expected keys and values"),
        ("service", "ci-steps.yaml: expected keys and values"),
        ("service: [", "ci-steps.yaml:1: is not YAML: "),
        (b"service: \xff\xfe", "ci-steps.yaml: is not UTF-8 (byte 9)"),
        ("[" * 999_999, "ci-steps.yaml:1: more than 50 levels of nesting"),
        ("#" * 10_000_000, "ci-steps.yaml: is longer than 1,000,000 bytes"),
    ],
    ids=["empty", "comment", "list", "text", "not YAML", "not UTF-8", "brackets", "10 MB"],
)
def test_a_file_that_is_none_is_one_problem(text: str | bytes, said: str) -> None:
    (found,) = problems_of(text)
    assert found.startswith(said)


def test_no_problem_is_longer_than_a_person_reads() -> None:
    for name in ("w" * 300, "w" * 900_000):
        (said,) = problems_of(WORKS.replace("web", name))
        assert "longer than 63 characters" in said or len(said) < 600
        assert len(said) < 600


@pytest.mark.parametrize("name", ["größe", "übersicht", "w\u0435b", "web\u202e", "w b", "🚀"])
def test_a_name_beyond_ascii_is_refused_and_shown(name: str) -> None:
    (said,) = problems_of(WORKS.replace("web", name))
    assert f"{name!r} is not a service name" in said


def test_a_folder_without_the_file_is_said() -> None:
    with pytest.raises(UsageError, match=r"ci-steps.yaml: no such file"):
        config.load(FakeOutside(), config.Flags())


def test_a_folder_in_the_place_of_the_file_is_said() -> None:
    Path("ci-steps.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"is a folder, not a file"):
        config.load(FakeOutside(), config.Flags())


def test_an_unknown_environment_is_asked_for_by_its_near_name() -> None:
    plan = plan_of(WORKS + f"environments: {{{STAGING}, {PRODUCTION}}}")
    with pytest.raises(UsageError, match=r"no environment 'stagin' in .*did you mean staging"):
        plan.known_step("deploy", "stagin")
    with pytest.raises(UsageError, match=r"deploy needs an environment"):
        plan.known_step("deploy", "")


USES = "service: web\nversion: '1.1.0'\ndepends_on: [auth-1.1]\nsteps: {unit-test: {command: t}}\n"


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ("uses: {auth: [GET /a, 'POST /b: c']}\n", []),
        (
            "uses:\n  auth:\n    - GTE /a\n",
            ["ci-steps.yaml:7: uses.auth[0]: 'GTE /a': unknown method"],
        ),
        (
            "uses: {auth: {operations: [3], pakt: x, graphql: [q]}}\n",
            [
                "ci-steps.yaml:5: uses.auth.graphql: expected a text, got a list",
                "ci-steps.yaml:5: uses.auth.operations[0]: expected a text, got 3",
                "ci-steps.yaml:5: uses.auth.pakt: unknown key, did you mean pact?",
            ],
        ),
        (
            "uses:\n  auht: [GET /a]\n",
            ["ci-steps.yaml:6: uses.auht: web does not depend on auht, did you mean auth?"],
        ),
        ("uses: [GET /a]\n", ["ci-steps.yaml:5: uses: expected keys and values, got a list"]),
        ("uses: {auth: GET /a}\n", ["ci-steps.yaml:5: uses.auth: expected a list, got 'GET /a'"]),
    ],
)
def test_uses_are_checked_before_anything_runs(uses: str, expected: list[str]) -> None:
    found = problems_of(USES + uses)
    assert len(found) == len(expected)
    for line, begin in zip(found, expected, strict=True):
        assert line.startswith(begin)
