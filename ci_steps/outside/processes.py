"""Commands: run to their end with nothing left behind, or started to stay."""

from __future__ import annotations

import math
import shlex
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ci_steps import interruptions
from ci_steps.errors import OutsideError
from ci_steps.outside import groups

_TAIL_LINES = 40
_TAIL_CHARACTERS = 2_000
_ANSWER_BYTES = 20_000_000


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    `exit_code` is negative when a signal ended it. `output` is all a question printed, and
    the last lines of what a streamed command printed. `assumed` is true in a rehearsal:
    nothing ran and success is only supposed.
    """

    command: tuple[str, ...]
    exit_code: int
    output: str = ""
    seconds: float = 0.0
    timed_out: bool = False
    assumed: bool = False

    @property
    def ok(self) -> bool:
        """Return whether it ended by itself with status 0."""
        return self.exit_code == 0 and not self.timed_out

    @property
    def last_line(self) -> str:
        """Return what it said last, where errors are, or how it ended."""
        lines = self.output.strip().splitlines()
        return lines[-1] if lines else self.how

    @property
    def how(self) -> str:
        """Return how it ended, for people: ``exit status 2``, ``killed by SIGKILL``."""
        if self.timed_out:
            return f"stopped after {round(self.seconds, 1):g} s"
        if self.exit_code < 0:
            with suppress(ValueError):
                return f"killed by {signal.Signals(-self.exit_code).name}"
        return f"exit status {self.exit_code}"


def written(command: Sequence[str]) -> str:
    """Return a command as one would type it."""
    return shlex.join(command)


def capture(
    command: Sequence[str], cwd: Path | None, env: Mapping[str, str], timeout_seconds: float
) -> Finished:
    """Run a question and keep its answer; half of one that is too long would be none."""
    lines: list[str] = []
    size = 0

    def keep(line: str) -> None:
        nonlocal size
        size += len(line) + 1
        if size > _ANSWER_BYTES:
            raise OutsideError(f"{command[0]} printed more than {_ANSWER_BYTES:,} characters")
        lines.append(line)

    ended = stream(command, cwd, env, timeout_seconds, keep)
    return replace(ended, output="\n".join(lines))


def stream(
    command: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str],
    timeout_seconds: float | None,
    on_line: Callable[[str], None],
    meanwhile: Callable[[], object] = lambda: None,
) -> Finished:
    """Run a command in a process group of its own, line by line; leave nothing behind."""
    began = time.monotonic()
    deadline = math.inf if timeout_seconds is None else began + timeout_seconds
    tail: deque[str] = deque(maxlen=_TAIL_LINES)

    def take(line: str) -> None:
        tail.append(line[:_TAIL_CHARACTERS])
        on_line(line)

    with interruptions.held():
        group = groups.begin(command, cwd, env)
        try:
            with interruptions.allowed():
                meanwhile()
                in_time = groups.follow(group, deadline, take)
            seconds = time.monotonic() - began
        finally:
            groups.end(group)
    return Finished(
        tuple(command),
        -signal.SIGKILL if group.returncode is None else group.returncode,
        "\n".join(tail),
        seconds,
        timed_out=not in_time,
    )


def start(command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> int:
    """Start a process that outlives this one, in a session of its own."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        output = log.open("ab")
    except OSError as error:
        raise OutsideError(f"cannot write {log}: {(error.strerror or '').lower()}") from error
    with output:
        group = groups.begin(command, cwd, env, output)
    group.returncode = 0  # it stays: nobody waits for it
    return group.pid
