"""The real command line: in this process where that is enough, else as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

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


@contextmanager
def _being_at(folder: Path, variables: Mapping[str, str]) -> Iterator[None]:
    before = Path.cwd()
    with patch.dict(os.environ, variables, clear=True):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def _written(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def typed_at(folder: Path, *arguments: str, variables: Mapping[str, str]) -> Ended:
    """Run a command in this process, in *folder* and with nothing but these *variables*.

    What a program that it starts writes past our streams is not in the answer: `called` has it.
    """
    with TextIOWrapper(BytesIO(), "utf-8") as out, TextIOWrapper(BytesIO(), "utf-8") as err:
        with _being_at(folder, variables), redirect_stdout(out), redirect_stderr(err):
            status = invoke(arguments)
        return Ended(status, *(_written(stream) for stream in (out, err)))


def typed_in(folder: Path, *arguments: str, more: Mapping[str, str] | None = None) -> Ended:
    """Run a command in this process, as `called` runs it in one of its own."""
    return typed_at(folder, *arguments, variables=environ(folder, more))


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
