"""Jenkins: stages hand on files of the workspace, so that is where outputs and summary go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.protocols import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.model import Mark
    from ci_steps.outside import Outside
    from ci_steps.protocols import Deployed


def is_here(environ: Mapping[str, str]) -> bool:
    """Return whether the process runs in a build."""
    return bool(environ.get("JENKINS_URL"))


def facts(environ: Mapping[str, str]) -> Facts:
    """Return what the build says about itself; the user only with the plugin that sets it."""
    named = environ.get
    return Facts(
        commit=named("GIT_COMMIT", ""),
        # A multibranch build of a pull request calls its branch PR-7; CHANGE_BRANCH is its own.
        branch=named("CHANGE_BRANCH") or named("BRANCH_NAME") or named("GIT_BRANCH", ""),
        url=named("BUILD_URL", ""),
        actor=named("BUILD_USER_ID", ""),
    )


def mask(secret: str) -> str:
    """Return nothing: what comes from `credentials` Jenkins masks by itself, and so do we."""
    del secret
    return ""


def quoted(text: str) -> str:
    """Return it as it is: Jenkins obeys nothing that it finds in a log."""
    return text


def group(title: str) -> tuple[str, str]:
    """Return nothing: a stage is the fold."""
    del title
    return "", ""


def annotation(level: str, text: str, file: str = "", line: int = 0) -> str:
    """Return a line as compilers write it, for the plugin that collects warnings from the log."""
    shown = " ".join(text.split())
    return f"{file}:{line}: {level}: {shown}" if file and line else ""


def keep_marks(marks: Sequence[Mark], outside: Outside) -> None:
    """Do nothing: a plugin collects them from the log."""
    del marks, outside


def hand_over(outputs: Mapping[str, str], summary: str, outside: Outside) -> None:
    """Write what ``readJSON`` and the build description take from the workspace."""
    folder = Path(outside.environ.get("WORKSPACE") or ".") / ".ci-steps"
    outside.write(folder / "outputs.json", _json(outputs))
    outside.write(folder / "summary.md", summary.encode())


def comment(topic: str, text: str, outside: Outside) -> str:
    """Do nothing: there is no page for it here."""
    del topic, text, outside
    return ""


def deployed(where: Deployed, outside: Outside) -> None:
    """Do nothing: there is no page of environments here."""
    del where, outside


def _json(outputs: Mapping[str, str]) -> bytes:
    return (json.dumps(dict(outputs), indent=2, ensure_ascii=False) + "\n").encode()
