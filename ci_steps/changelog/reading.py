"""The folder of a service -> what was written and published there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.changelog.document import ChangeLog
from ci_steps.changelog.files import Placed, UnreadableError, read_json
from ci_steps.changelog.fragments import FOLDER, Fragment, read_fragments
from ci_steps.errors import CiStepsError, OutsideError, Problem, UsageError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

FILE = "changelog.json"

_MOST_BYTES = 50_000_000
# Commits to look through for a document that is not the present one.
_MOST_COMMITS = 50


@dataclass(frozen=True)
class Folder:
    """What lies in the folder of a service, as far as it can be read, and what cannot."""

    log: Placed[ChangeLog] | None
    fragments: tuple[Placed[Fragment], ...]
    problems: tuple[Problem, ...]


def read_folder(root: Path, log: Path) -> Folder:
    """Return the change log, if it is there, and the fragments; with all that is wrong."""
    problems: list[Problem] = []
    found: Placed[ChangeLog] | None = None
    fragments: tuple[Placed[Fragment], ...] = ()
    try:
        found = read_log(log, _from(root, log)) if log.exists() else None
    except UnreadableError as error:
        problems += error.problems
    try:
        fragments = read_fragments(root / FOLDER, FOLDER)
    except UnreadableError as error:
        problems += error.problems
    return Folder(found, fragments, tuple(problems))


def _from(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def read_log(path: Path, shown: str) -> Placed[ChangeLog]:
    """Return a document; UnreadableError with everything that is wrong with its form."""
    from ci_steps.config.document import read_text

    try:
        text = read_text(path, shown=shown, most_bytes=_MOST_BYTES)
    except CiStepsError as error:
        found = getattr(error, "problems", ())
        raise UnreadableError(found or [Problem(shown, 0, "", str(error))]) from None
    return read_json(ChangeLog, text, shown)


def published_before(path: Path, against: str, outside: Outside) -> tuple[str, str]:
    """Return the document that was committed before, and the commit; nothing where none was.

    It is that of *against*, a name of git; without one, the last that differs from the file.
    """
    if against:
        text = _shown(path, against, outside)
        if text is None:
            hint = "Name a commit, a branch or a tag in which it is."
            raise UsageError(f"git knows no {path.name} in {against!r}", hint=hint)
        return text, against
    present = path.read_text("utf-8", errors="replace") if path.is_file() else ""
    for commit in _commits(path, outside):
        text = _shown(path, commit, outside)
        if text is not None and text.strip() != present.strip():
            return text, commit[:12]
    return "", ""


def _commits(path: Path, outside: Outside) -> Iterator[str]:
    command = ("git", "log", f"-{_MOST_COMMITS}", "--format=%H", "--", path.name)
    try:
        finished = outside.ask(command, cwd=path.parent)
    except OutsideError:
        return
    yield from finished.output.split() if finished.ok else ()


def _shown(path: Path, commit: str, outside: Outside) -> str | None:
    if commit.startswith("-"):
        raise UsageError(f"{commit!r} is not the name of a commit")
    finished = outside.ask(("git", "show", f"{commit}:./{path.name}"), cwd=path.parent)
    return finished.output if finished.ok else None
