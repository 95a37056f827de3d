"""Folders as a whole: what is in them, and copies that do not change afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from ci_steps.errors import OutsideError


def digest(root: Path, leave_out: Collection[str]) -> str:
    """Return 64 hexadecimal digits that change with any name, content, link or execute bit."""
    total = hashlib.sha256()
    with _explained("read", root):
        for path in _files(root, leave_out):
            total.update(_described(path, root))
    return total.hexdigest()


def copy(root: Path, to: Path, leave_out: Collection[str]) -> None:
    """Copy a folder whole or not at all; links stay links, and *to* is never inside the copy."""
    beside = to.with_name(f".{to.name}.new")
    with _explained("copy", root):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        try:
            # All names first: the copy may lie inside of what is copied.
            for path in list(_files(root, leave_out)):
                target = beside / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target, follow_symlinks=False)
            beside.rename(to)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise


def _files(root: Path, leave_out: Collection[str]) -> Iterator[Path]:
    """Yield files and links in one order on every machine; sockets and the like are no content."""
    for path in sorted(root.iterdir()):
        if path.name in leave_out:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path, leave_out)
        elif path.is_symlink() or path.is_file():
            yield path


def _described(path: Path, root: Path) -> bytes:
    name = os.fsencode(path.relative_to(root))
    if path.is_symlink():
        return b"%d:%slink%s;" % (len(name), name, os.fsencode(path.readlink()))
    content = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            content.update(chunk)
    kind = b"x" if os.access(path, os.X_OK) else b"-"
    return b"%d:%s%s%s;" % (len(name), name, kind, content.digest())


class _explained:  # noqa: N801 (reads as a word in a with statement)
    def __init__(self, verb: str, root: Path) -> None:
        self._verb, self._root = verb, root

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            place = error.filename or self._root
            raise OutsideError(f"cannot {self._verb} {place}: {error.strerror}") from error
