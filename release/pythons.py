"""The Pythons a release is compiled for; any other one of 3.10 or newer compiles it itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MINORS = (10, 11, 12, 13)

_TAG = "import sys; print(sys.implementation.cache_tag)"


def found() -> Iterator[str]:
    """Yield a program for each of them; one that is not here is said."""
    for minor in MINORS:
        program = next(filter(_runs, _places(minor)), "")
        if program:
            yield program
        else:
            sys.stderr.write(f"not compiled for Python 3.{minor}, which is not here\n")


def tag(program: str) -> str:
    """Return the word in the names of what it compiles: ``cpython-311``."""
    ran = subprocess.run([program, "-S", "-c", _TAG], check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def _places(minor: int) -> Iterator[str]:
    yield f"python3.{minor}"
    yield from map(str, Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))


def _runs(program: str) -> bool:
    try:
        return subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
