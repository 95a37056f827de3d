"""What the step from one release to the next means for those who call the service."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.errors import UsageError
from ci_steps.versions import Bump, SemVersion, Version, bump_between
from ci_steps.versions.comparison import slots_moved

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.model import Release

_LIMIT_BYTES = 50_000_000


@dataclass(frozen=True)
class JudgedBump:
    """A bump, and whether callers have to be told that it may break them.

    `bump` is None for a first release. `text` says what it is in a few words, `warning` what
    the numbers promise and nobody has compared.
    """

    bump: Bump | None
    breaking: bool
    text: str
    warning: str = ""

    @property
    def word(self) -> str:
        """The bump for scripts; a first release is ``first``."""
        return self.bump.value if self.bump else "first"


def judge_bump(version: Version, predecessor: Release | None, contract_digest: str) -> JudgedBump:
    """Judge *version* by its number and, where that leaves a question, by its contract.

    Equal contracts answer whether a bump that may break does: no. Anything else is taken
    for breaking, because a contract that is not compared is not known to be compatible.
    """
    if predecessor is None:
        return JudgedBump(None, breaking=False, text="the first release")
    old = predecessor.version
    bump = bump_between(old, version)
    changed = _changed(predecessor.contract_digest, contract_digest)
    if bump is Bump.SCHEME_CHANGE:
        text = f"treated as major: {old} is {old.scheme}, {version} is {version.scheme}"
        return JudgedBump(bump, breaking=True, text=text)
    if bump is Bump.MAY_BREAK:
        return _judge_doubt(old, changed)
    if bump is Bump.ROLLBACK:
        return JudgedBump(bump, breaking=False, text=f"goes back from {old}")
    breaking = bump is Bump.MAJOR or (bump is Bump.PRERELEASE and _prepares_a_break(old, version))
    return JudgedBump(bump, breaking, _text(bump, old), "" if breaking else _warning(bump, changed))


def contract_digest(path: Path | None) -> str:
    """Return the SHA-256 of a contract as 64 hexadecimal digits, nothing without a contract."""
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: the contract cannot be read: {error.strerror}",
            hint="Name the file that describes the API under contract in ci-steps.yaml.",
        ) from error
    if len(content) > _LIMIT_BYTES:
        raise UsageError(f"{path}: the contract is longer than {_LIMIT_BYTES:,} bytes")
    return hashlib.sha256(content).hexdigest()


def _changed(before: str, now: str) -> bool | None:
    """Return whether the contract changed; None when the one before is not known."""
    return before != now if before else None


def _judge_doubt(old: Version, changed: bool | None) -> JudgedBump:  # noqa: FBT001 (None is an answer)
    if changed is False:
        text = f"may break after {old}, treated as feature: the contract is the same"
        return JudgedBump(Bump.MAY_BREAK, breaking=False, text=text)
    why = "the contract changed" if changed else f"the contract of {old} is not known"
    text = f"may break after {old}, treated as major: {why}"
    return JudgedBump(Bump.MAY_BREAK, breaking=True, text=text)


def _prepares_a_break(old: Version, version: Version) -> bool:
    prepared = version.release_bump if isinstance(version, SemVersion) else Bump.SAME
    return not (slots_moved(old, version).is_compatible and prepared.is_compatible)


def _text(bump: Bump, old: Version) -> str:
    if bump is Bump.SAME:
        return "already released"
    return f"{bump.value} after {old}"


def _warning(bump: Bump, changed: bool | None) -> str:  # noqa: FBT001
    if bump in {Bump.BUGFIX, Bump.FEATURE} and changed:
        return f"a {bump.value} whose contract changed: its changes are not compared"
    return ""
