"""Worlds that are proven empty afterwards."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci_steps.protocols import Target
from ci_steps.targets import command, process
from tests.parts import services
from tests.targets.worlds import World

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
        assert services.await_end(folder) == {}, "left behind"
    finally:
        services.end_all(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with _world(process, tmp_path) as made:
        yield made


@pytest.fixture(params=[process, command], ids=["process", "command"])
def any_world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with _world(request.param, tmp_path) as made:
        yield made
