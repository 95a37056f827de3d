"""Compile a folder with the Python this runs on: ``python -S compiling.py FOLDER``.

A checkout gives files the time of the day, so a compiled file is valid whatever the time of its
source is. It names its source without a folder: the same bytes come out wherever it is done.
"""

from __future__ import annotations

import py_compile
import sys
from pathlib import Path


def compile_all(tree: Path) -> None:
    """Write a compiled file beside every module."""
    for source in sorted(tree.rglob("*.py")):
        py_compile.compile(
            str(source),
            dfile=str(source.relative_to(tree)),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    compile_all(Path(sys.argv[1]))
