"""The annotated tag of a release: made when production has proven it, and pushed.

A tag that cannot be pushed takes nothing back: the release is where it is, and the problem is
said with what to type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

_TRIES = 3
_PAUSE_SECONDS = 2.0
_TIMEOUT_SECONDS = 60
# A prompt in a job waits until the job is killed.
_SILENT = {"GIT_TERMINAL_PROMPT": "0"}
_PEELED = "^{}"
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class GitTag:
    """The tag of one release in one repository; *remote* is empty where there is none."""

    name: str
    commit: str
    message: str
    root: Path
    remote: str = ""


@dataclass(frozen=True)
class FoundTag:
    """What a repository has under the name of a tag."""

    commit: str
    annotated: bool


def has_remote(root: Path, remote: str, outside: Outside) -> bool:
    """Return whether *root* is in a repository that knows *remote*."""
    try:
        return _ask(("git", "remote", "get-url", remote), root, outside).ok
    except OutsideError:
        return False


def find_tag(root: Path, remote: str, name: str, outside: Outside) -> FoundTag | None:
    """Return the tag that *remote*, or without one the repository itself, has; None without it.

    OutsideError if it cannot be asked.
    """
    where = remote or "."
    ref = f"refs/tags/{name}"
    answer = _ask(("git", "ls-remote", where, ref, f"{ref}{_PEELED}"), root, outside)
    if not answer.ok:
        raise OutsideError(f"{remote or 'git'} cannot be asked for its tags: {_last(answer)}")
    lines = (line.partition("\t") for line in answer.output.splitlines())
    found = {name: commit for commit, _, name in lines}
    if ref not in found:
        return None
    peeled = found.get(f"{ref}{_PEELED}", "")
    return FoundTag(peeled or found[ref], annotated=bool(peeled))


def set_tag(tag: GitTag, outside: Outside) -> str:
    """Make the tag and push it; return what is wrong, or nothing. What is there stays."""
    try:
        return _set(tag, outside)
    except OutsideError as error:
        return f"the tag {tag.name} is not set: {error}"


def _set(tag: GitTag, outside: Outside) -> str:
    if tag.remote and (there := find_tag(tag.root, tag.remote, tag.name, outside)):
        return _other(tag, there)
    here = find_tag(tag.root, "", tag.name, outside)
    if here is None:
        made = outside.run(_make(tag, outside), cwd=tag.root, timeout_seconds=_TIMEOUT_SECONDS)
        if not made.ok:
            return f"the tag {tag.name} is not set: {_last(made)}"
    elif other := _other(tag, here):
        return other
    return _push(tag, outside) if tag.remote else ""


def _other(tag: GitTag, found: FoundTag) -> str:
    if found.commit == tag.commit:
        return ""
    return (
        f"the tag {tag.name} is that of another commit ({found.commit[:12]}), and is left alone: "
        f"{tag.message} is {tag.commit[:12]}"
    )


def _make(tag: GitTag, outside: Outside) -> tuple[str, ...]:
    """Return the command; in a job git often does not know who somebody is."""
    known = _ask(("git", "var", "GIT_COMMITTER_IDENT"), tag.root, outside).ok
    who = () if known else ("-c", "user.name=ci-steps", "-c", "user.email=ci-steps@localhost")
    return ("git", *who, "tag", "--annotate", "--message", tag.message, tag.name, tag.commit)


def _push(tag: GitTag, outside: Outside) -> str:
    ref = f"refs/tags/{tag.name}"
    command = ("git", "push", "--quiet", tag.remote, ref)
    for left in range(_TRIES - 1, -1, -1):
        pushed = outside.run(command, cwd=tag.root, env=_SILENT, timeout_seconds=_TIMEOUT_SECONDS)
        if pushed.ok:
            return ""
        if left:
            outside.pause(_PAUSE_SECONDS)
    return f"the tag {tag.name} is not pushed ({_last(pushed)}): git push {tag.remote} {ref}"


def _ask(command: tuple[str, ...], root: Path, outside: Outside) -> Finished:
    return outside.ask(command, cwd=root, env=_SILENT, timeout_seconds=_TIMEOUT_SECONDS)


def _last(finished: Finished) -> str:
    return finished.last_line[:_SHOWN_CHARACTERS]
