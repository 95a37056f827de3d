"""The compose target: what it tells Compose, what proves a container, and the way back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ci_steps.deploying.compose_project import compose_tool
from ci_steps.errors import CiStepsError, OutsideError, UsageError
from ci_steps.outside import Outside
from ci_steps.probes import compose as compose_probe
from ci_steps.probes import docker as docker_probe
from ci_steps.protocols import Build, Place, Probe, Question
from ci_steps.targets import compose
from ci_steps.versions import parse_version
from tests.targets.worlds import ComposeWorld, Shown, ask

slow = pytest.mark.slow


def refusal(world: ComposeWorld, version: str = "1.1", **options: Any) -> CiStepsError:
    with pytest.raises(CiStepsError) as refused:
        world.deploy(version, **options)
    return refused.value


def write(world: ComposeWorld, name: str, text: str) -> None:
    world.source.mkdir(parents=True, exist_ok=True)
    (world.source / name).write_text(text)


@slow
def test_a_container_runs_the_image_by_its_digest_with_our_labels_and_variables(
    compose_world: ComposeWorld,
) -> None:
    build = compose_world.build("1.0")
    placement = compose_world.deploy("1.0", variables={"PRICE": "5$ ${HOME}"})
    told = json.loads(ask(placement, "/environment"))
    assert told["CI_STEPS_VERSION"] == "1.0"
    assert told["PRICE"] == "5$ ${HOME}"
    (container,) = compose_world.running()
    fields = "{{.Image}} {{json .Config.Labels}}"
    image, _, labels = compose_world.docker(
        "container", "inspect", "--format", fields, container.split()[0]
    ).partition(" ")
    assert image == build.digest
    assert {
        "org.opencontainers.image.version": "1.0",
        "org.opencontainers.image.revision": "4f1c2aa",
    }.items() <= json.loads(labels).items()
    question = Question("auth", "staging", timeout_seconds=20)
    probes: tuple[Probe, ...] = (compose_probe, docker_probe)
    for probe in probes:
        (found,) = probe.ask(question, probe.Options(), compose_world.outside)
        assert (str(found.version), found.address) == ("1.0", placement.address), probe
        elsewhere = replace(question, environment="production")
        (nobody,) = probe.ask(elsewhere, probe.Options(), compose_world.outside)
        assert nobody.version is None


@slow
def test_a_container_that_ends_or_is_unhealthy_is_refused_at_once_with_what_it_printed(
    compose_world: ComposeWorld,
) -> None:
    before = compose_world.deploy("1.0")
    refused = refusal(compose_world, behaviour="broken", timeout_seconds=100.0)
    assert str(refused) == "auth 1.1 was not deployed: it ended (exit status 1)"
    assert "| no module named flask" in refused.hint
    assert ask(before) == "1.0"
    write(compose_world, "health.yaml", _NEVER_HEALTHY)
    files = ("compose.yaml", "health.yaml")
    refused = refusal(compose_world, "1.2", files=files, timeout_seconds=100.0)
    assert "was not deployed: it is unhealthy" in str(refused)
    assert ask(before) == "1.0", "also brought back without the file that broke it"


_NEVER_HEALTHY = """\
services:
  auth:
    healthcheck: {test: [CMD, /usr/bin/python3, -c, exit(1)], interval: 100ms, retries: 1}
"""


@slow
def test_what_another_machine_has_deployed_is_brought_back_as_it_ran(
    compose_world: ComposeWorld,
) -> None:
    before = compose_world.deploy("1.0")
    shutil.rmtree(compose_world.folder)
    refusal(compose_world, behaviour="broken")
    assert ask(before) == "1.0"


@slow
def test_a_service_that_publishes_nothing_is_refused_with_what_to_do(
    compose_world: ComposeWorld,
) -> None:
    write(compose_world, "own.yaml", "services: {auth: {image: x}}\n")
    refused = refusal(compose_world, files=("own.yaml",))
    assert "nothing says where it answers" in str(refused)
    assert "Publish its port" in refused.hint


@pytest.fixture
def anywhere(tmp_path: Path) -> ComposeWorld:
    """A place whose tools are only asked whether they are there."""
    try:
        compose_tool(Outside())
    except OutsideError:
        pytest.skip("Compose is not here: what it says of wrong files was not proven")
    return ComposeWorld(tmp_path / "state", tmp_path / "auth", compose)


def attempted(world: ComposeWorld, outside: Outside, **options: Any) -> CiStepsError:
    build = Build("auth", parse_version("1.1"), "4f1c2aa", world.source)
    with pytest.raises(CiStepsError) as refused:
        compose.deploy(build, Place("staging", "1"), compose.Options(**options), outside, Shown())
    return refused.value


def test_a_file_that_is_missing_is_named(anywhere: ComposeWorld) -> None:
    refused = attempted(anywhere, anywhere.outside, files=("compose.prod.yaml",))
    assert isinstance(refused, UsageError)
    assert str(refused) == "compose.prod.yaml: no such file or directory"


def test_an_engine_that_is_away_is_said_and_nothing_is_marked(anywhere: ComposeWorld) -> None:
    write(anywhere, "compose.yaml", "services: {}\n")
    away = replace(anywhere, environ={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert isinstance(attempted(anywhere, away.outside), OutsideError)
    assert "docker does not answer: Cannot connect" in compose.missing(away.outside)
    assert not list(anywhere.folder.rglob("unfinished.json"))


def test_the_plugin_of_docker_comes_before_the_program(
    docker_plugins: Mapping[str, str],
) -> None:
    outside = Outside(docker_plugins)
    if not outside.ask(["docker", "compose", "version"]).ok:
        pytest.skip("docker's plugin compose is not here: that it deploys was not proven")
    assert compose_tool(outside) == ("docker", "compose")


def test_a_machine_without_docker_is_told_what_to_install(tmp_path: Path) -> None:
    assert "no program 'docker'" in compose.missing(Outside({"PATH": str(tmp_path)}))
