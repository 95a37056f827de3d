"""What the service prints, in a file that cannot fill the disk."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

_LIMIT_BYTES = 5_000_000


class ServiceLog:
    """Two files of at most *limit_bytes* each: ``service.log`` and the one before, ``….1``."""

    def __init__(self, path: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._file = -1
        self._size = 0

    def write(self, content: bytes) -> None:
        """Add what the service printed; a full disk is no reason to end a service."""
        with suppress(OSError):
            if self._file < 0:
                self._open()
            elif self._size + len(content) > self._limit_bytes:
                self._turn()
            self._size += os.write(self._file, content)

    def note(self, text: str) -> None:
        """Add a line of ours."""
        now = datetime.now(timezone.utc)
        self.write(f"[ci-steps {now:%Y-%m-%d %H:%M:%S}Z] {text}\n".encode())

    def close(self) -> None:
        """Close the file; writing opens it again."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size

    def _turn(self) -> None:
        self.close()
        self._path.replace(self._path.with_name(self._path.name + ".1"))
        self._open()
