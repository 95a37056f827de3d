"""The real command line: in this process where that is enough, else as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.cli import invoke
from tests.parts import git

if TYPE_CHECKING:
    import pytest

CI_STEPS = (sys.executable, "-m", "ci_steps")


@dataclass(frozen=True)
class Ended:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; anything beside it is an error here."""
        return json.loads(self.out)


def said_by(*command: str, environ: Mapping[str, str], text: str = "") -> str:
    """Let a tool do something, with *text* as its input, and return what it said."""
    done = subprocess.run(
        command,
        env={**os.environ, **environ},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ended:
    """Run a command in this process, in the current folder."""
    capsys.readouterr()
    status = invoke(arguments)
    captured = capsys.readouterr()
    return Ended(status, captured.out, captured.err)


def environ(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a user whose home is *folder*, outside of any CI system."""
    return {
        **git.ENVIRON,
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(sys.path),
        **(more or {}),
    }


def called(
    folder: Path,
    *arguments: str,
    more: Mapping[str, str] | None = None,
    command: tuple[str, ...] = CI_STEPS,
) -> Ended:
    """Run a command as a process of its own; without colour or a terminal, as CI does."""
    ended = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environ(folder, more),
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def service(folder: Path, text: str) -> Path:
    """Make a service in *folder*: its file, a version and a repository with one commit."""
    git.repository(folder)
    (folder / "ci-steps.yaml").write_text(text)
    (folder / "VERSION").write_text("1.1.0\n")
    git.git(folder, "add", ".")
    git.git(folder, "commit", "--quiet", "--message", "service")
    return folder
