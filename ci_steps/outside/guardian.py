"""Starts again what a test has stopped: ``python -m ci_steps.outside.guardian FILE``.

It waits until its standard input ends, which it does with the job, however that ends. Then it
runs what FILE says, and takes the file away when that has gone well. A file that is there
while nobody holds its lock was left by a guardian that was killed: whoever comes next runs this
on it, with nothing to wait for.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

HELD = 3
_TRIES = 3
_PAUSE_SECONDS = 1.0
_COMMAND_SECONDS = 120


def main(file: str) -> int:
    """Return 0 when all is back, `HELD` where another guardian sees to it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        descriptor = os.open(file, os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return 0
    except BlockingIOError:
        return HELD
    _say("ready")
    sys.stdin.buffer.read()
    problem = _restored_by(file)
    if problem:
        _say(problem)
        return 1
    Path(file).unlink(missing_ok=True)
    return 0


def _restored_by(file: str) -> str:
    """Run what a file says, and return why that failed, or nothing."""
    try:
        command = [str(part) for part in json.loads(Path(file).read_text("utf-8"))["restore"]]
    except (OSError, ValueError, LookupError, TypeError):
        return f"{file} is not understood"
    return _restored(command)


def _restored(command: list[str]) -> str:
    """Run the command, more than once if need be, and return why it failed, or nothing."""
    problem = ""
    for number in range(_TRIES):
        if number:
            time.sleep(_PAUSE_SECONDS)
        problem = _problem(command)
        if not problem:
            break
    return problem


def _problem(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return (lines[-1:] or [f"exit status {done.returncode}"])[0] if done.returncode else ""


def _say(text: str) -> None:
    with suppress(OSError):  # the job is gone, and nobody reads it
        os.write(1, f"{text}\n".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
