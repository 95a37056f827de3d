"""Something is changed for a while, and a process of its own sees to it that it is changed back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import ci_steps
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.outside import files, processes
from ci_steps.outside.guardian import HELD

_SECONDS = 600.0
# What its tools need, with AWS to sign in as well; no other credentials of the job, and not what a
# CI system knows its processes by.
_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME", "KUBECONFIG")
_PREFIXES = ("DOCKER_", "KUBERNETES_", "AWS_")


@contextmanager
def guarded(file: Path, restore: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
    """Run *restore* after the block, also if this process is killed in it; *file* says so.

    OutsideError if it was not restored.
    """
    settle(file, environ)
    files.write(file, json.dumps({"restore": list(restore)}).encode())
    guardian = subprocess.Popen(
        _command(file),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(environ),
        cwd="/",
        start_new_session=True,
    )
    assert guardian.stdout is not None  # noqa: S101 (it is a pipe)
    if guardian.stdout.readline() != b"ready\n":
        guardian.kill()
        guardian.communicate()
        raise OutsideError("nobody can see to it that a test's cut is undone: nothing was cut")
    try:
        yield
    finally:
        said, _ = guardian.communicate()
        if guardian.returncode:
            problem = said.decode("utf-8", "replace").strip()
            raise OutsideError(
                f"what a test has stopped was not started again: {problem}",
                hint=f"Do it by hand: {processes.written(restore)}",
            )


def settle(file: Path, environ: Mapping[str, str]) -> bool:
    """Restore what a guardian that was killed has left, and return whether there was anything.

    RefusedError where its guardian still waits for another test.
    """
    if not file.exists():
        return False
    ended = processes.capture(_command(file), Path("/"), _environment(environ), _SECONDS)
    if ended.exit_code == HELD:
        raise RefusedError(
            f"another test has stopped {file.stem} at the moment",
            hint="Run this one when that has ended.",
        )
    if not ended.ok:
        raise OutsideError(
            f"what a killed test had stopped is not started again: {ended.last_line}",
            hint=f"Do what {file} says by hand, and remove it.",
        )
    return True


def _command(file: Path) -> list[str]:
    return [sys.executable, "-m", "ci_steps.outside.guardian", str(file)]


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    ours = str(Path(ci_steps.__file__).parents[1])
    handed = {
        name: value
        for name, value in environ.items()
        if name in _VARIABLES or name.startswith(_PREFIXES)
    }
    return {**handed, "PYTHONPATH": ours}
