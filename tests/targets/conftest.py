"""Worlds that are proven empty afterwards."""

from __future__ import annotations

import shutil
import subprocess
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
from ci_steps.targets import compose, process
from tests.parts import services
from tests.targets.worlds import SERVICE_IMAGE, ComposeWorld, World

if not sys.platform.startswith("linux"):
    pytest.skip(
        "not proven here that no process is left: that is read from /proc", allow_module_level=True
    )


_DOCKERFILE = """\
FROM {base}
WORKDIR /service
COPY service.py .
ENV HOST=0.0.0.0 PORT=8080
CMD ["/usr/bin/python3", "service.py"]
"""


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


@pytest.fixture(scope="session")
def service_image(
    docker: Mapping[str, str], python_image: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of an image with the small service in it."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "service.py").write_text(services.source())
    (folder / "Dockerfile").write_text(_DOCKERFILE.format(base=python_image))
    build = ["docker", "build", "--quiet", "--tag", SERVICE_IMAGE, str(folder)]
    subprocess.run(build, env=dict(docker), check=True, capture_output=True)
    return SERVICE_IMAGE


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


@pytest.fixture(params=["process", "command", pytest.param("compose", marks=pytest.mark.slow)])
def any_world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "compose":
        yield request.getfixturevalue("compose_world")
        return
    with _world(registry.TARGETS[request.param], tmp_path) as made:
        yield made
