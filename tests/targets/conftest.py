"""Worlds that are proven empty afterwards."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci_steps import registry
from ci_steps.deploying.compose_project import missing_tool
from ci_steps.outside import Outside
from ci_steps.protocols import Target
from ci_steps.targets import compose, ecs, kubernetes, process
from tests.parts import services
from tests.parts.docker import SERVICE_IMAGE
from tests.parts.ecs.server import ecs as running_ecs
from tests.parts.ecs.words import CREDENTIALS
from tests.parts.kubernetes.cluster import Kubernetes
from tests.parts.ports import free_port
from tests.targets.worlds import ComposeWorld, EcsWorld, KubernetesWorld, World

if not sys.platform.startswith("linux"):
    pytest.skip(
        "not proven here that no process is left: that is read from /proc", allow_module_level=True
    )


@contextmanager
def _world(target: Target, tmp_path: Path) -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="state-")).resolve()
    world = World(folder, tmp_path / "auth", target)
    try:
        yield world
        for slot in ("1", "2"):
            world.stop(slot)
        assert not world.left(), "left behind"
    finally:
        services.end_all(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with _world(process, tmp_path) as made:
        yield made


@contextmanager
def _compose_world(tmp_path: Path, environ: Mapping[str, str]) -> Iterator[ComposeWorld]:
    if missing_tool(Outside(environ)):
        pytest.skip("Compose is not here: that containers are deployed by it was not proven")
    made = ComposeWorld(tmp_path / "state", tmp_path / "auth", compose, environ=dict(environ))
    made.image = SERVICE_IMAGE
    yield made
    for slot in ("1", "2"):
        made.stop(slot)
    assert not made.left(), "left behind"


@pytest.fixture
def compose_world(
    tmp_path: Path, docker: Mapping[str, str], service_image: str
) -> Iterator[ComposeWorld]:
    """Compose as the machine has it: docker-compose 1.29, where docker has no plugin."""
    del service_image
    with _compose_world(tmp_path, docker) as made:
        yield made


@pytest.fixture
def compose_plugin_world(
    tmp_path: Path, docker_plugins: Mapping[str, str], service_image: str
) -> Iterator[ComposeWorld]:
    """Compose as the plugin of docker, where that can be had."""
    del service_image
    with _compose_world(tmp_path, docker_plugins) as made:
        yield made


@pytest.fixture
def kubernetes_world(tmp_path: Path, cluster: Kubernetes) -> Iterator[KubernetesWorld]:
    environ = {**cluster.environ, "MACHINES": cluster.machines.address}
    folder, source = tmp_path / "state", tmp_path / "auth"
    made = KubernetesWorld(folder, source, kubernetes, environ=environ)
    made.machines = cluster.machines
    yield made
    for slot in ("1", "2"):
        made.stop(slot)
    assert not made.left(), "left behind"


@pytest.fixture
def ecs_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EcsWorld]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with running_ecs(tmp_path / "machines") as region:
        told = {"ECS": region.endpoint, "BALANCER": region.address, "PORT": str(free_port())}
        made = EcsWorld(tmp_path / "state", tmp_path / "auth", ecs, environ=told)
        made.region = region
        yield made
        for slot in ("1", "2"):
            made.stop(slot)
        assert not made.left(), "left behind"


@pytest.fixture(
    params=[
        "process",
        "command",
        pytest.param("compose", marks=pytest.mark.slow),
        pytest.param("kubernetes", marks=pytest.mark.slow),
        pytest.param("ecs", marks=pytest.mark.slow),
    ]
)
def any_world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    worlds = {
        "compose": "compose_plugin_world",
        "kubernetes": "kubernetes_world",
        "ecs": "ecs_world",
    }
    if request.param in worlds:
        yield request.getfixturevalue(worlds[request.param])
        return
    with _world(registry.TARGETS[request.param], tmp_path) as made:
        yield made
