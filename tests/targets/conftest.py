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
from ci_steps.compose_project import missing_tool
from ci_steps.outside import Outside
from ci_steps.protocols import Target
from ci_steps.targets import compose, kubernetes, process
from tests.parts import services
from tests.parts.kubernetes.cluster import Kubernetes
from tests.parts.kubernetes.cluster import kubernetes as running_kubernetes
from tests.targets.worlds import ComposeWorld, KubernetesWorld, World

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


@pytest.fixture
def compose_world(
    tmp_path: Path, docker: Mapping[str, str], service_image: str
) -> Iterator[ComposeWorld]:
    if missing_tool(Outside(docker)):
        pytest.skip("Compose is not here: that containers are deployed by it was not proven")
    made = ComposeWorld(tmp_path / "state", tmp_path / "auth", compose, environ=dict(docker))
    made.image = service_image
    yield made
    for slot in ("1", "2"):
        made.stop(slot)
    assert not made.left(), "left behind"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Kubernetes]:
    with running_kubernetes() as found:
        yield found


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


@pytest.fixture(
    params=[
        "process",
        "command",
        pytest.param("compose", marks=pytest.mark.slow),
        pytest.param("kubernetes", marks=pytest.mark.slow),
    ]
)
def any_world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param in {"compose", "kubernetes"}:
        yield request.getfixturevalue(f"{request.param}_world")
        return
    with _world(registry.TARGETS[request.param], tmp_path) as made:
        yield made
