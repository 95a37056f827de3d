"""What a release ships, built once for all tests; and a Python that has nothing else."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The Python below the environment of the tests: nothing of ours is installed there.
BARE = str(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))
OFFLINE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what `make dist` writes, for the Python of the tests."""
    built = tmp_path_factory.mktemp("release") / "dist"
    build(built)
    return built


def build(to: Path) -> None:
    """Run `make dist` for one Python."""
    ran = subprocess.run(
        [sys.executable, "-m", "release.build", "--to", str(to), "--python", BARE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No matching distribution" in ran.stderr or "Could not find a version" in ran.stderr:
        pytest.skip("not proven here what a release ships: the package index is not reached")
    assert ran.returncode == 0, ran.stderr


@lru_cache(maxsize=1)
def can_be_offline() -> bool:
    """Return whether a process can be given a network with nothing but itself in it."""
    try:
        ran = subprocess.run([*OFFLINE, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return ran.returncode == 0
