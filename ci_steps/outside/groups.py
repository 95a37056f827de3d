"""A process and all it starts, as one group: begun, read line by line, and ended whole."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from ci_steps import interruptions
from ci_steps.errors import OutsideError

_LINE_BYTES = 65_536
_PIPE_BYTES = 1_048_576
_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 5.0
_LEFTOVER_SECONDS = 0.5

Group = subprocess.Popen[bytes]


def begin(
    command: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str],
    output: int | IO[bytes] = subprocess.PIPE,
) -> Group:
    """Start a command in a session of its own; OutsideError says why it does not start."""
    try:
        return subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise _not_started(command[0], cwd, error) from error


def follow(group: Group, deadline: float, on_line: Callable[[str], None]) -> bool:
    """Hand over each line until the command ends; return whether it did before *deadline*.

    What it leaves behind may keep the pipe open; nobody waits for that.
    """
    assert group.stdout is not None  # noqa: S101 (begun with a pipe)
    lines = _Lines(on_line)
    unread = _PIPE_BYTES
    with selectors.DefaultSelector() as selector:
        selector.register(group.stdout, selectors.EVENT_READ)
        while unread > 0 and (left := deadline - time.monotonic()) > 0:
            if interruptions.came():
                raise KeyboardInterrupt
            has_ended = group.poll() is not None
            if selector.select(0 if has_ended else min(left, _LOOK_SECONDS)):
                chunk = os.read(group.stdout.fileno(), _LINE_BYTES)
                if not chunk:
                    break
                lines.add(chunk)
                # When it has ended, what it printed before is in the pipe and no more comes.
                unread -= len(chunk) if has_ended else 0
            elif has_ended:
                break
    lines.end()
    return _wait(group, deadline)


def end(group: Group) -> None:
    """End the command and everything it started: asked first, then killed."""
    if _signal(group, signal.SIGTERM):
        _drain_until(lambda: group.poll() is not None, group, _GRACE_SECONDS)
        _drain_until(lambda: not _signal(group, 0), group, _LEFTOVER_SECONDS)
        _signal(group, signal.SIGKILL)
    if group.stdout is not None:
        group.stdout.close()
    # One that runs as somebody else cannot be ended by us, and is not waited for.
    with suppress(subprocess.TimeoutExpired):
        group.wait(_GRACE_SECONDS)


class _Lines:
    """Bytes -> lines; one without an end is handed over in pieces and fills no memory."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def add(self, chunk: bytes) -> None:
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            self._give(line)
        if len(self._rest) >= _LINE_BYTES:
            self.end()

    def end(self) -> None:
        rest, self._rest = self._rest, b""
        if rest:
            self._give(rest)

    def _give(self, line: bytes) -> None:
        self._on_line(line.decode("utf-8", "replace").rstrip("\r"))


def _wait(group: Group, deadline: float) -> bool:
    """Wait for one that has closed its output and goes on."""
    while group.poll() is None:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        if interruptions.came():
            raise KeyboardInterrupt
        with suppress(subprocess.TimeoutExpired):
            group.wait(min(left, _LOOK_SECONDS))
    return True


def _drain_until(is_over: Callable[[], bool], group: Group, seconds: float) -> None:
    """Wait, and read what comes: one that cannot get rid of its last words cannot end."""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        is_open = group.stdout is not None
        if group.stdout is not None:
            selector.register(group.stdout, selectors.EVENT_READ)
        while not is_over() and time.monotonic() < deadline:
            if not is_open or group.stdout is None:
                time.sleep(0.01)
            elif selector.select(0.01):
                is_open = bool(os.read(group.stdout.fileno(), _LINE_BYTES))


def _signal(group: Group, number: int) -> bool:
    try:
        os.killpg(group.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _not_started(program: str, cwd: Path | None, error: Exception) -> OutsideError:
    if not isinstance(error, OSError):  # a zero character, or one that this locale has not
        return OutsideError(f"{program!r} cannot be started: {error}")
    if cwd is not None and not cwd.is_dir():
        return OutsideError(f"{cwd}: no such folder")
    if isinstance(error, FileNotFoundError):
        hint = "Install it, or name another one in the configuration."
        return OutsideError(f"{program}: no such program", hint=hint)
    return OutsideError(f"{program}: {(error.strerror or 'cannot be started').lower()}")
