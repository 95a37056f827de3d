"""How far one version is from another, and what is odd about a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.versions.bump import SIZES, Bump
from ci_steps.versions.semver import SemVersion

if TYPE_CHECKING:
    from datetime import date

    from ci_steps.versions.version import Version


def bump_between(old: Version, new: Version) -> Bump:
    """Return what the step from *old* to *new* says about the change.

    From a prerelease to a release, the release before it counts, which is not known: it is
    taken to be the nearest lower one, so 1.2.0-rc.1 to 1.2.0 is a feature, and so is 1.2.1.
    """
    if old.scheme != new.scheme:
        return Bump.SCHEME_CHANGE
    if old == new:
        return Bump.SAME
    if new < old:
        return Bump.ROLLBACK
    if new.is_prerelease:
        return Bump.PRERELEASE
    moved = slots_moved(old, new)
    if isinstance(old, SemVersion) and old.is_prerelease:
        return max(old.release_bump, moved, key=_size)
    return moved


def slots_moved(old: Version, new: Version) -> Bump:
    """Return what the first slot that differs means; both are of one scheme.

    Prereleases are not looked at: with equal slots the answer is `Bump.SAME`.
    """
    for before, after, bump in zip(old.slots, new.slots, new.slot_bumps, strict=True):
        if before != after:
            return bump
    return Bump.SAME


def oddities(old: Version | None, new: Version, today: date) -> tuple[str, ...]:
    """Return a sentence for each thing about *new* that is allowed but probably a slip."""
    found = (_bugfix_goes_on(old, new), _goes_back_in_time(old, new), _is_ahead(new, today))
    return tuple(sentence for sentence in found if sentence)


def _bugfix_goes_on(old: Version | None, new: Version) -> str:
    if old is None or old.scheme != new.scheme or new < old or old.slots[:-1] == new.slots[:-1]:
        return ""
    if new.slots[-1] <= new.first_bugfix:
        return ""
    return (
        f"the bugfix of {new} is {new.slots[-1]}, although a slot before it moved since {old}: "
        f"it would start again at {new.first_bugfix}"
    )


def _goes_back_in_time(old: Version | None, new: Version) -> str:
    if old is None or old.scheme != new.scheme:
        return ""
    before, after = old.first_day, new.first_day
    if before is None or after is None or after >= before:
        return ""
    return f"the date of {new} is before the date of the previous release, {old}"


def _is_ahead(new: Version, today: date) -> str:
    day = new.first_day
    if day is None or day <= today:
        return ""
    return f"the date of {new} is in the future: today is {today:%Y%m%d}"


def _size(bump: Bump) -> int:
    return SIZES.index(bump) if bump in SIZES else -1
