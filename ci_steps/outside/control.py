"""Talking to the supervisor of a service; it is started when nobody answers.

`ci_steps.supervisor` says what may be asked.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ci_steps
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.outside import processes

if TYPE_CHECKING:
    from typing_extensions import Self

_START_SECONDS = 20.0
_ANSWER_SECONDS = 30.0
_RETRY_SECONDS = 0.05
_PATH_BYTES = 100  # 107 on Linux, 103 on macOS, and a byte that ends it
# Neither credentials nor what a CI system recognises the processes of a job by, to end them.
_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME")


class Control:
    """One connection; while it is open, what it has claimed is its own."""

    def __init__(self, connection: socket.socket, name: str) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave; what was claimed and not confirmed is taken back."""
        self._lines.close()
        self._connection.close()

    def ask(
        self, do: str, *, timeout_seconds: float = _ANSWER_SECONDS, **facts: Any
    ) -> dict[str, Any]:
        """Ask for one thing; RefusedError if the supervisor says no."""
        line = json.dumps({"do": do, **facts}).encode() + b"\n"
        try:
            self._connection.settimeout(timeout_seconds)
            self._connection.sendall(line)
            answer = self._lines.readline()
        except OSError as error:
            raise OutsideError(f"the supervisor of {self._name} does not answer: {error}") from None
        if not answer:
            raise OutsideError(f"the supervisor of {self._name} has ended")
        content: dict[str, Any] = json.loads(answer)
        if "refused" in content:
            raise RefusedError(f"{self._name}: {content['refused']}")
        return content


class InertControl(Control):
    """Says what would be asked."""

    def __init__(self, would: Callable[[str], None], name: str) -> None:
        self._would, self._name = would, name

    def close(self) -> None:
        """Close nothing."""

    def ask(
        self,
        do: str,
        *,
        timeout_seconds: float = _ANSWER_SECONDS,
        **facts: Any,
    ) -> dict[str, Any]:
        """Say it."""
        self._would(f"{do} {self._name}")
        return {}


def supervisor(folder: Path, name: str, environ: Mapping[str, str]) -> Control:
    """Return a connection with the supervisor of *folder*, and start one if there is none."""
    _make(folder)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        # Again and again: the one that answered may just be ending, as its service has.
        with suppress(OSError, OutsideError):
            return _greeted(folder, name)
        if time.monotonic() > deadline:
            raise OutsideError(
                f"the supervisor of {name} does not answer", hint=f"Its files are in {folder}."
            )
        _start(folder, environ)
        time.sleep(_RETRY_SECONDS)


def _greeted(folder: Path, name: str) -> Control:
    control = Control(_connect(folder), name)
    try:
        control.ask("greet")
    except BaseException:
        control.close()
        raise
    return control


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise OutsideError(f"cannot make {folder}: {error.strerror}") from error
    if owner != os.geteuid():
        raise OutsideError(
            f"{folder} belongs to somebody else",
            hint="Give CI_STEPS_STATE a folder of the user that deploys.",
        )


def _connect(folder: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    descriptor = -1
    try:
        connection.settimeout(_ANSWER_SECONDS)
        path = folder / "control"
        if len(os.fsencode(path)) > _PATH_BYTES and Path("/proc/self/fd").is_dir():
            # The address of a unix socket is short; a folder that is open has a short name.
            descriptor = os.open(folder, os.O_RDONLY)
            path = Path(f"/proc/self/fd/{descriptor}/control")
        connection.connect(str(path))
    except BaseException:
        connection.close()
        raise
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    return connection


def _start(folder: Path, environ: Mapping[str, str]) -> None:
    ours = str(Path(ci_steps.__file__).parents[1])
    env = {name: environ[name] for name in _VARIABLES if name in environ}
    ended = processes.capture(
        [sys.executable, "-m", "ci_steps.supervisor", str(folder)],
        folder,
        {**env, "PYTHONPATH": ours},
        _START_SECONDS,
    )
    if not ended.ok:
        last = ended.output.splitlines()[-1:] or [ended.how]
        raise OutsideError(f"the supervisor does not start: {last[0]}")
