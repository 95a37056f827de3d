"""Labels of containers: a real engine, and one that describes them as no real one would."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ci_steps.outside import Outside
from ci_steps.probes import compose, docker
from ci_steps.protocols import Question
from tests.probes.asked import QUESTION, program, told

slow = pytest.mark.slow
TITLE, VERSION = "org.opencontainers.image.title", "org.opencontainers.image.version"
PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"


class Engine:
    """A real engine, in which the containers of one test have a label of their own."""

    def __init__(self, environ: Mapping[str, str], base_tar: Path) -> None:
        self.environ, self.mark = environ, secrets.token_hex(4)
        self.docker("import", "--change", 'CMD ["/bin/sh"]', str(base_tar), "ci-steps-shell:1")

    def docker(self, *arguments: str) -> str:
        done = subprocess.run(
            ["docker", *arguments],
            env=dict(self.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def runs(self, version: str, environment: str = "staging", **labels: str) -> str:
        """Start a container that waits for what nobody types, and return its name."""
        given = {"mark": self.mark, TITLE: "auth", **labels}
        if version:
            given[VERSION] = version
        flags = [part for name, text in given.items() for part in ("--label", f"{name}={text}")]
        name = f"probed-{secrets.token_hex(6)}"
        self.docker(
            *("run", "--detach", "--interactive", "--network", "none", "--name", name),
            *("--env", f"CI_STEPS_ENVIRONMENT={environment}", *flags),
            *("ci-steps-shell:1", "/bin/sh", "-c", "read line"),
        )
        return name

    def says(self, **options: Any) -> list[str]:
        labels = {"mark": self.mark, TITLE: "{provider}"}
        given = docker.Options(labels=labels, **options)
        return told(docker.ask(QUESTION, given, Outside(self.environ)))


@pytest.fixture
def engine(docker: Mapping[str, str], base_tar: Path) -> Iterator[Engine]:
    made = Engine(docker, base_tar)
    yield made
    left = made.docker("container", "ls", "--all", "--quiet", "--filter", f"label=mark={made.mark}")
    if left:
        made.docker("container", "rm", "--force", *left.split())


@slow
def test_each_container_that_runs_says_its_version_by_its_label(engine: Engine) -> None:
    assert engine.says() == [
        f"no container runs with the label mark={engine.mark} and {TITLE}=auth"
    ]
    first, second = engine.runs("1.1.0"), engine.runs("1.1.0")
    engine.runs("2.0.0", environment="production")
    assert engine.says() == ["1.1.0", "1.1.0"]
    engine.docker("pause", first)
    assert sorted(engine.says()) == ["1.1.0", "it is paused"]
    engine.docker("unpause", first)
    engine.docker("kill", second)
    assert engine.says() == ["1.1.0"]
    engine.runs("")
    assert sorted(engine.says()) == ["1.1.0", f"it has no label {VERSION}"]


@slow
def test_containers_of_two_versions_disagree_unless_callers_choose_a_line(engine: Engine) -> None:
    of_compose = {PROJECT: f"auth-{engine.mark}", SERVICE: "auth"}
    engine.runs("1.1.0", **of_compose)
    engine.runs("2.0.0", **{**of_compose, PROJECT: f"auth-2-{engine.mark}"})
    assert sorted(engine.says()) == ["1.1.0 of several", "2.0.0 of several"]
    assert sorted(engine.says(lines=True)) == ["1.1.0", "2.0.0"]
    outside = Outside(engine.environ)
    every = compose.ask(QUESTION, compose.Options(), outside)
    assert sorted(told(every)) == ["1.1.0", "2.0.0"], "two projects are two lines"
    one = compose.Options(project=f"auth-2-{engine.mark}")
    assert told(compose.ask(QUESTION, one, outside)) == ["2.0.0"]


def described(**changed: Any) -> dict[str, Any]:
    """Return a container as the engine describes it."""
    return {
        "Id": "c0ffee",
        "Name": "/shop_auth_1",
        "Image": "sha256:1",
        "State": {"Status": "running", "ExitCode": 0},
        "RestartCount": 3,
        "NetworkSettings": {"Ports": {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8101"}]}},
        "Config": {"Env": [], "Labels": {VERSION: "1.1.0"}},
        **changed,
    }


def asked(folder: Path, inspected: str, listed: str = "c0ffee") -> list[str]:
    """Return what an engine that answers so says."""
    (folder / "inspected").write_text(inspected)
    script = f'case "$*" in *inspect*) cat {folder}/inspected;; *) echo "{listed}";; esac'
    program(folder / "bin" / "docker", script)
    environ = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin"}
    found = docker.ask(QUESTION, docker.Options(), Outside(environ))
    assert {one.where for one in found} <= {"docker", "container shop_auth_1"}
    assert {one.address for one in found} <= {"", "http://127.0.0.1:8101"}
    return told(found)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({}, "1.1.0", id="restarted long ago"),
        pytest.param(
            {"State": {"Status": "running", "ExitCode": 0, "Health": {"Status": "unhealthy"}}},
            "it is unhealthy",
            id="unhealthy",
        ),
        pytest.param(
            {"State": {"Status": "restarting", "ExitCode": 1}}, "it is restarting", id="restarting"
        ),
        pytest.param(
            {"Config": {"Env": None, "Labels": None}}, f"it has no label {VERSION}", id="no labels"
        ),
        pytest.param(
            {"Config": {"Env": [], "Labels": {VERSION: "latest"}}},
            f"its label {VERSION}: 'latest' is not a version: ",
            id="no version",
        ),
    ],
)
def test_what_a_container_is_like_decides_about_its_label(
    changed: dict[str, Any], said: str, tmp_path: Path
) -> None:
    (found,) = asked(tmp_path, json.dumps([described(**changed)]))
    assert found.startswith(said)


@pytest.mark.parametrize("text", ["<html>", "[1]", "[{}]", '{"a":', "[null]", '"text"'])
def test_an_engine_that_answers_something_else_is_a_problem(text: str, tmp_path: Path) -> None:
    assert asked(tmp_path, text) == ["docker describes containers in a way that is not known"]


def test_an_engine_that_does_not_answer_is_a_problem_in_its_words(tmp_path: Path) -> None:
    program(tmp_path / "docker", "echo Cannot connect to the Docker daemon; exit 1")
    for path, said in ((str(tmp_path), "docker does not answer: Cannot connect"), ("", "docker: ")):
        environ = {"PATH": f"{path}:/usr/bin:/bin" if path else ""}
        (found,) = docker.ask(QUESTION, docker.Options(context="{environment}"), Outside(environ))
        assert found.version is None
        assert found.problem.startswith(said)


def test_at_build_time_no_container_is_asked() -> None:
    question, outside = Question("auth", ""), Outside({"PATH": ""})
    assert docker.ask(question, docker.Options(), outside) == ()
    assert compose.ask(question, compose.Options(), outside) == ()
