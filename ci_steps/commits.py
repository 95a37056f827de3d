"""The commit of a build: what evidence is kept for."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone
from pathlib import Path

from ci_steps.errors import OutsideError, UsageError
from ci_steps.outside import Outside
from ci_steps.outside.processes import Finished

_HINT = "Make the folder a git repository with one commit, or say --commit."
_GIT_COMMIT = re.compile(r"[0-9a-f]{40,64}")
# It becomes part of labels, file names and lines in a log.
_COMMIT = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
# What the content is, not how somebody likes to look at it.
_CHANGES = ("git", "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index", "HEAD")


def read_commit(flag: str, root: Path, outside: Outside) -> tuple[str, str]:
    """Return the commit and who said it: flag, CI_STEPS_COMMIT, or git.

    A folder with changes that are not committed gets ``<commit>-dirty-<digest of the
    changes>``: evidence for it is evidence for exactly that content and no other. As with
    ``git describe --dirty``, files that git does not track do not count: reports and other
    things that a build makes are no change of what is built.
    """
    named = flag or outside.environ.get("CI_STEPS_COMMIT", "")
    where = "--commit" if flag else "CI_STEPS_COMMIT"
    if not named:
        return _commit_of_git(root, outside), "git"
    if not _COMMIT.fullmatch(named):
        raise UsageError(
            f"{where}: {named[:100]!r} is not a commit",
            hint="Give at most 100 letters, digits, points, hyphens and underscores.",
        )
    return named, where


def message_of(commit: str, root: Path, outside: Outside) -> str:
    """Return what a commit says about itself; nothing where git does not know it."""
    return _said_of(commit, "%B", root, outside)


def author_of(commit: str, root: Path, outside: Outside) -> tuple[str, ...]:
    """Return the names by which the author of a commit is known; none where git knows nobody."""
    name, _, mail = _said_of(commit, "%an%n%ae", root, outside).strip().partition("\n")
    return tuple(filter(None, (name, mail, mail.partition("@")[0])))


def date_of(commit: str, root: Path, outside: Outside) -> datetime | None:
    """Return when a commit was made, or None where git does not know it."""
    seconds = _said_of(commit, "%ct", root, outside).strip()
    return datetime.fromtimestamp(int(seconds), timezone.utc) if seconds.isdecimal() else None


def _said_of(commit: str, what: str, root: Path, outside: Outside) -> str:
    hash_of_git = commit.partition("-dirty-")[0]
    if not _GIT_COMMIT.fullmatch(hash_of_git):
        return ""
    try:
        said = outside.ask(("git", "log", "-1", f"--format={what}", hash_of_git), cwd=root)
    except OutsideError:
        return ""
    return said.output if said.ok else ""


def folder_in_repository(root: Path, outside: Outside) -> str:
    """Return where a folder is in its repository: ``services/gis/``; nothing where git is none."""
    try:
        said = outside.ask(("git", "rev-parse", "--show-prefix"), cwd=root)
    except OutsideError:
        return ""
    return said.output.strip() if said.ok else ""


def is_of_git(commit: str) -> bool:
    """Return whether a commit is one that git has."""
    return bool(_GIT_COMMIT.fullmatch(commit))


def is_dirty(commit: str) -> bool:
    """Return whether a commit stands for content that was never committed."""
    return "-dirty-" in commit


def _commit_of_git(root: Path, outside: Outside) -> str:
    head = _ask(("git", "rev-parse", "--verify", "HEAD"), root, outside)
    commit = next(filter(_GIT_COMMIT.fullmatch, head.output.split()), "")
    if not head.ok or not commit:
        raise UsageError(_why_none(head.output, root), hint=_HINT)
    changed = _ask((*_CHANGES, "--", "."), root, outside)
    if not changed.ok:
        raise UsageError(f"git cannot say what has changed: {_first_line(changed.output)}")
    if changed.output:
        commit += f"-dirty-{hashlib.sha256(changed.output.encode()).hexdigest()[:8]}"
    return commit


def _ask(command: tuple[str, ...], root: Path, outside: Outside) -> Finished:
    try:
        return outside.ask(command, cwd=root)
    except OutsideError as error:
        raise UsageError(str(error), hint=_HINT) from None


def _why_none(output: str, root: Path) -> str:
    if "not a git repository" in output:
        return f"{root.name} is not in a git repository"
    if "Needed a single revision" in output:
        return f"{root.name} is in a git repository without a commit"
    return f"git says {_first_line(output)!r}"


def _first_line(output: str) -> str:
    return output.strip().partition("\n")[0][:200]
