"""The folder as one file that Python runs: ``python3 ci-steps.pyz unit-test``."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from release.tree import files

_START = Path(__file__).with_name("unpacking.py")
_FIRST_LINE = b"#!/usr/bin/env python3\n"
_TIME = (1980, 1, 1, 0, 0, 0)  # the first one that a zip file can hold
_EXECUTABLE = 0o755


def write(tree: Path, tags: Iterable[str], file: Path) -> None:
    """Write *file*: the sources, the compiled files of each Python, and what unpacks them."""
    parts = {"sources.zip": _zipped(tree, [path for path in files(tree) if path.suffix != ".pyc"])}
    for tag in tags:
        compiled = [path for path in files(tree) if path.name.endswith(f".{tag}.pyc")]
        parts[f"{tag}.zip"] = _zipped(tree, compiled)
    key = digest(b"".join(parts[name] for name in sorted(parts)))
    start = _START.read_text("utf-8").replace('"KEY"', f'"{key}"')
    parts["__main__.py"] = start.encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, _TIME), parts[name])
    file.write_bytes(_FIRST_LINE + content.getvalue())
    file.chmod(_EXECUTABLE)


def sums(folder: Path) -> str:
    """Return a line for every file in *folder*, as `sha256sum --check` reads it."""
    found = [path for path in files(folder) if path.name != "SHA256SUMS"]
    return "".join(f"{digest(path.read_bytes())}  {path.relative_to(folder)}\n" for path in found)


def digest(content: bytes) -> str:
    """Return the SHA-256 of *content*."""
    return hashlib.sha256(content).hexdigest()


def _zipped(tree: Path, paths: Iterable[Path]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in paths:
            entry = zipfile.ZipInfo(str(path.relative_to(tree)), _TIME)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return content.getvalue()
