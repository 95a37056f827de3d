"""Real programs that behave badly, and a look at which processes are still there."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

_PATIENCE_SECONDS = 15.0


def program(source: str) -> tuple[str, ...]:
    """Return the command of a Python program."""
    return (sys.executable, "-c", source)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and that nobody asked about does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(path: Path) -> str:
    """Return the content of a file as soon as it has one."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        # A program cannot tell us otherwise that it has come this far.
        if path.exists() and (content := path.read_text()).endswith("\n"):
            return content
        time.sleep(0.01)
    raise AssertionError(f"{path} was not written within {_PATIENCE_SECONDS} s")


def ended(pids: list[int]) -> bool:
    """Return whether all of these end; they have been told to, and may need a moment."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_alive, pids))
