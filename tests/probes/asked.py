"""A question about auth in staging, and what a probe found, in a few words."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.protocols import Found, Question

if TYPE_CHECKING:
    from collections.abc import Iterable

QUESTION = Question("auth", "staging", timeout_seconds=20)


def told(found: Iterable[Found]) -> list[str]:
    """Return of each answer its version, or what is wrong with it."""
    return [one.problem or f"{one.version}{' of several' * bool(one.disagrees)}" for one in found]


def program(path: Path, script: str) -> Path:
    """Write a program for a shell, and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
