"""What the step from one release to the next means for those who call the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Change, Compared, Level
from ci_steps.versions import Bump, SemVersion, Version, bump_between
from ci_steps.versions.comparison import slots_moved

if TYPE_CHECKING:
    from ci_steps.model import Release
    from ci_steps.protocols import OwnContract

_PROMISES = frozenset({Bump.BUGFIX, Bump.FEATURE})
_MOST_TOLD = 3


@dataclass(frozen=True)
class JudgedBump:
    """A bump, and whether callers have to be told that it may break them.

    `bump` is None for a first release. `text` says what it is in a few words, `warning` what
    the numbers promise and nobody has compared. A `refusal` says which change breaks the
    promise, and `needed` is the smallest bump that would be honest, where there is one.
    """

    bump: Bump | None
    breaking: bool
    text: str
    warning: str = ""
    refusal: str = ""
    needed: Bump | None = None
    changes: tuple[Change, ...] = ()

    @property
    def word(self) -> str:
        """The bump for scripts; a first release is ``first``."""
        return self.bump.value if self.bump else "first"


def judge_bump(
    version: Version, predecessor: Release | None, contract: OwnContract | None
) -> JudgedBump:
    """Judge *version* by its number and by what became of the contract.

    A bump that may break is a feature where the comparison finds nothing that breaks. Anything
    else is taken for breaking, because a contract that is not compared is not known to be
    compatible. A bugfix promises that callers notice nothing, a feature that none breaks.
    """
    if predecessor is None:
        return JudgedBump(None, breaking=False, text="the first release")
    old = predecessor.version
    bump = bump_between(old, version)
    if bump is Bump.ROLLBACK:
        return JudgedBump(bump, breaking=False, text=f"goes back from {old}")
    compared = _compared(predecessor, contract)
    if bump is Bump.SCHEME_CHANGE:
        text = f"treated as major: {old} is {old.scheme}, {version} is {version.scheme}"
        return JudgedBump(bump, breaking=True, text=text, changes=compared.changes)
    if bump is Bump.MAY_BREAK:
        return _judge_doubt(old, compared)
    if bump in _PROMISES:
        return _judge_promise(bump, old, compared)
    breaking = bump is Bump.MAJOR or (bump is Bump.PRERELEASE and _prepares_a_break(old, version))
    return JudgedBump(bump, breaking, _text(bump, old), changes=compared.changes)


def digest_of(contract: OwnContract | None) -> str:
    """Return what tells a contract from others, nothing without one."""
    return contract.digest if contract else ""


def _compared(predecessor: Release, contract: OwnContract | None) -> Compared:
    if contract:
        return contract.compared(predecessor)
    return Compared(problem=f"the contract of {predecessor.version} is not known")


def _judge_doubt(old: Version, compared: Compared) -> JudgedBump:
    bump = Bump.MAY_BREAK
    if compared.same:
        text = f"may break after {old}, treated as feature: the contract is the same"
        return JudgedBump(bump, breaking=False, text=text)
    why = compared.problem or _told(compared.changes, Level.BREAKING)
    if why:
        text = f"may break after {old}, treated as major: {why}"
        return JudgedBump(bump, breaking=True, text=text, changes=compared.changes)
    text = f"may break after {old}, treated as feature: nothing in the contract breaks callers"
    return JudgedBump(bump, breaking=False, text=text, changes=compared.changes)


def _judge_promise(bump: Bump, old: Version, compared: Compared) -> JudgedBump:
    text, changes = _text(bump, old), compared.changes
    if compared.serious:
        return JudgedBump(bump, breaking=False, text=text, refusal=compared.problem)
    if compared.problem:
        changed = compared.problem.startswith("the contract changed")
        warning = f"a {bump.value}, and {compared.problem}" if changed else ""
        return JudgedBump(bump, breaking=False, text=text, warning=warning)
    level = compared.level or Level.COMPATIBLE
    worst = Level.COMPATIBLE if bump is Bump.BUGFIX else Level.WARNING
    if level <= worst:
        return JudgedBump(bump, breaking=False, text=text, changes=changes)
    breaks = level is Level.BREAKING
    return JudgedBump(
        bump,
        breaks,
        text,
        refusal=f"a {bump.value} that {'breaks' if breaks else 'may break'} callers: "
        f"{_told(changes, level)}",
        needed=Bump.MAJOR if breaks else Bump.FEATURE,
        changes=changes,
    )


def _told(changes: tuple[Change, ...], least: Level) -> str:
    """Return the changes of a level and above for a sentence, with their places."""
    found = [one for one in changes if one.level >= least]
    told = [_sentence(change) for change in found[:_MOST_TOLD]]
    more = len(found) - _MOST_TOLD
    return "; ".join([*told, *([f"and {more:,} more"] if more > 0 else [])])


def _sentence(change: Change) -> str:
    return f"{change.text} ({change.places})" if change.places else change.text


def _prepares_a_break(old: Version, version: Version) -> bool:
    prepared = version.release_bump if isinstance(version, SemVersion) else Bump.SAME
    return not (slots_moved(old, version).is_compatible and prepared.is_compatible)


def _text(bump: Bump, old: Version) -> str:
    if bump is Bump.SAME:
        return "already released"
    return f"{bump.value} after {old}"
