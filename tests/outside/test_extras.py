"""Extras of the action: installed by pip from wheels with hashes, once, and only when imported."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from ci_steps.outside.extras import BRINGS
from tests.parts.shipped import BARE

ROOT = Path(__file__).parents[2]
_IMPORT = """\
import sys
sys.path.insert(0, sys.argv[1])
from ci_steps.outside.extras import on_demand
places = {"CI_STEPS_CACHE": sys.argv[3], "RUNNER_TEMP": sys.argv[4]}
on_demand(sys.argv[2], places, print)
import avro
print("imported", avro.PLACE)
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _needs_pip() -> None:
    asked = [BARE, "-I", "-m", "pip", "--version"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("not proven here that an extra is installed: this Python has no pip")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a folder with one wheel, and beside it the lock with its hash."""
    wheel = tmp_path / "wheels" / "avro-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    about = "Metadata-Version: 2.1\nName: avro\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("avro/__init__.py", "PLACE = __file__\n")
        for name, text in (("METADATA", about), ("WHEEL", kind), ("RECORD", "")):
            file.writestr(f"avro-1.0.dist-info/{name}", text)
    lock(tmp_path, hashlib.sha256(wheel.read_bytes()).hexdigest())
    return wheel.parent


def lock(folder: Path, digest: str) -> None:
    (folder / "locks").mkdir(exist_ok=True)
    (folder / "locks" / "avro.txt").write_text(f"avro==1.0 --hash=sha256:{digest}\n")


def imported(folder: Path, cache: str = "cache", **more: str) -> list[str]:
    """Return what is said when a bare Python imports avro, without any index."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PIP_NO_INDEX": "1"}
    ran = subprocess.run(
        [BARE, "-I", "-c", _IMPORT, ROOT, folder / "locks", folder / cache, folder / "temporary"],
        env={**environ, "PIP_FIND_LINKS": str(folder / "wheels"), **more},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return [*ran.stdout.splitlines(), *ran.stderr.splitlines()[-1:]]


def test_it_is_installed_once_and_said(tmp_path: Path, wheels: Path) -> None:
    said, found = imported(tmp_path)
    assert said.startswith("the extra avro is needed here and installed into ")
    assert found.startswith(f"imported {tmp_path / 'cache' / 'ci-steps-extras' / 'avro-'}")
    assert imported(tmp_path, PIP_FIND_LINKS="") == [found]
    assert len(list((tmp_path / "cache" / "ci-steps-extras").iterdir())) == 1


def test_a_wheel_with_another_hash_is_not_installed(tmp_path: Path, wheels: Path) -> None:
    lock(tmp_path, "0" * 64)
    _, said, error = imported(tmp_path)
    assert said.startswith("the extra avro is not installed: ")
    assert error == "ModuleNotFoundError: No module named 'avro'"
    assert list((tmp_path / "cache" / "ci-steps-extras").iterdir()) == []


def test_without_a_lock_nothing_is_installed(tmp_path: Path, wheels: Path) -> None:
    (tmp_path / "locks" / "avro.txt").unlink()
    assert imported(tmp_path) == ["ModuleNotFoundError: No module named 'avro'"]


def test_a_cache_that_cannot_be_written_is_replaced(tmp_path: Path, wheels: Path) -> None:
    said, found = imported(tmp_path, cache="/proc/nothing")
    assert said.startswith("the extra avro is needed here and installed into ")
    assert found.startswith(f"imported {tmp_path / 'temporary' / 'ci-steps-extras'}")


def test_every_module_of_an_extra_has_a_lock_that_brings_it() -> None:
    for extra in BRINGS.values():
        text = (ROOT / "release" / "extras" / f"{extra}.txt").read_text()
        assert all("==" in line and "--hash=sha256:" in line for line in text.splitlines())
        assert text
