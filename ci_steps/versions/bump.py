"""How far one version is from another."""

from __future__ import annotations

from enum import Enum


class Bump(Enum):
    """What a step from one version to another says about the change between them."""

    SAME = "same"
    BUGFIX = "bugfix"
    FEATURE = "feature"
    MAY_BREAK = "may_break"
    MAJOR = "major"
    ROLLBACK = "rollback"
    PRERELEASE = "prerelease"
    SCHEME_CHANGE = "scheme_change"

    @property
    def is_compatible(self) -> bool:
        """Whether the number alone promises that nothing a dependent relies on has gone."""
        return self in (Bump.SAME, Bump.BUGFIX, Bump.FEATURE)  # an Enum is slow to hash


# The bumps that lead from a release to a later one, smallest first.
SIZES = (Bump.BUGFIX, Bump.FEATURE, Bump.MAY_BREAK, Bump.MAJOR)
