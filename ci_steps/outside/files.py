"""Files that are written whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ci_steps.errors import OutsideError, RefusedError


def write(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write *content*, perhaps in pieces, beside *path*, then put it in place in one move."""
    pieces = [content] if isinstance(content, bytes) else content
    # Short: the name of *path* may be as long as a name can be.
    beside = path.with_name(f".ci-steps-{os.urandom(8).hex()}")
    with _explained("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock file *path* for the block; whoever else wants it waits, or is refused."""
    with _explained("lock", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        with _explained("lock", path):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise RefusedError(f"{path} is locked by somebody else") from None
        yield


def append(path: Path, text: str) -> None:
    """Add *text* in one write."""
    # What cannot be encoded came from outside, and must not end a job.
    content = text.encode("utf-8", "backslashreplace")
    with _explained("write", path), path.open("ab", buffering=0) as file:
        file.write(content)


def remove(path: Path) -> None:
    """Remove a file or a folder with all in it, if it is there."""
    with _explained("remove", path):
        if path.is_dir() and not path.is_symlink():
            import shutil  # with all that reads archives

            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _explained(verb: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutsideError(f"cannot {verb} {path}: {reason}") from error
    except ValueError as error:  # a name with a zero character
        raise OutsideError(f"cannot {verb} {str(path)!r}: it is not the name of a file") from error
