"""What was released before this version, and what the step from there means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.bumps import judge_bump
from ci_steps.versions import Bump

if TYPE_CHECKING:
    from ci_steps.config.plan import Plan
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.jobs.own_contract import OwnContract
    from ci_steps.model import Release


def release_before(plan: Plan, dictionary: Dictionary) -> Release | None:
    """Return the last final release before this version."""
    version = plan.version
    older = (
        release
        for release in dictionary.releases(plan.service)
        if release.final and release.version.scheme == version.scheme and release.version < version
    )
    return next(older, None)


def is_compatible(plan: Plan, dictionary: Dictionary, contract: OwnContract) -> bool:
    """Return whether a version that may break is known not to: its contract is the same."""
    judged = judge_bump(plan.version, release_before(plan, dictionary), contract)
    return judged.bump is Bump.MAY_BREAK and not judged.breaking
