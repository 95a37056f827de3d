"""The folder that is shipped: ci-steps and its wheels, unpacked, and compiled for each Python."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "ci_steps"

_LEFT_OUT = [
    line for line in (HERE / "left_out.txt").read_text().splitlines() if not line.startswith("#")
]


def unpack(wheels: Path, tree: Path) -> None:
    """Make *tree* of the wheels and of ci-steps itself."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tree, [name for name in archive.namelist() if is_shipped(name)])
    shutil.copytree(PACKAGE, tree / "ci_steps", ignore=shutil.ignore_patterns("__pycache__"))


def is_shipped(name: str) -> bool:
    """Return whether a file of a wheel is a part of the release."""
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFT_OUT)


def compile_for(python: str, tree: Path) -> None:
    """Compile every module of *tree* with *python*."""
    # Sets of constants are written in the order of their hashes.
    environ = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"}
    compiler = HERE / "compiling.py"
    subprocess.run([python, "-S", compiler, tree], check=True, env=environ)


def files(tree: Path) -> Iterator[Path]:
    """Yield the files of *tree*, in an order that no machine has a say in."""
    yield from sorted(path for path in tree.rglob("*") if path.is_file())
