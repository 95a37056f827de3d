"""A folder for a while: tools that only read want files, not values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ci_steps.errors import OutsideError


@contextmanager
def folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write *files* below a new folder of our own; remove it whatever happens."""
    import tempfile  # with all that reads archives and rolls dice

    for name in files:
        _refuse_outside(name)
    with tempfile.TemporaryDirectory(prefix="ci-steps-", ignore_cleanup_errors=True) as made:
        root = Path(made).resolve()
        for name, content in files.items():
            _write(root / name, content)
        yield root


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise OutsideError(f"cannot write {path}: {reason}") from error


def _refuse_outside(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise OutsideError(f"{name!r} is not the name of a file inside a folder")
