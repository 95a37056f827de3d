"""Recording what a Pact file says was tried: all of it that is about releases of ours.

A broker has results of branches that nobody released and of services that nobody recorded.
They say nothing about a release, neither yes nor no, and each is told with its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.dictionary import verifications
from ci_steps.dictionary.commits import built_of
from ci_steps.dictionary.verifications import Recorded, Verification
from ci_steps.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.pact_results import Party, Results, Tried
    from ci_steps.errors import Problem
    from ci_steps.versions import Version

    # By service and commit.
    _Built = Mapping[tuple[str, str], Sequence[Version]]


@dataclass(frozen=True)
class Kept:
    """What was recorded, and what was not and why."""

    recorded: tuple[Recorded, ...]
    left_out: tuple[Problem, ...]


def record_results(
    connection: Connection, results: Results, now: datetime, *, strict: bool = False
) -> Kept:
    """Record results; a commit stands for the release that was built of it.

    ConfigError if nothing of it can be recorded, or with *strict* not all.
    """
    sides = [side for one in results.tried for side in (one.dependent, one.provider)]
    built = built_of(connection, {(one.name, one.commit) for one in sides if one.commit})
    tried = [_verification(one, built) for one in results.tried]
    meant = [one for one in tried if isinstance(one, Verification)]
    kept = iter(verifications.record_all(connection, meant, now))
    found = [next(kept) if isinstance(one, Verification) else one for one in tried]
    left_out = [
        *results.left_out,
        *(
            replace(one.place, text=str(said))
            for one, said in zip(results.tried, found, strict=True)
            if isinstance(said, UsageError)
        ),
    ]
    recorded = tuple(one for one in found if isinstance(one, Recorded))
    if left_out and (strict or not recorded):
        raise ConfigError(left_out, hint=_STRICT if recorded else _NOTHING)
    return Kept(recorded, tuple(left_out))


_STRICT = "Without --strict the others are recorded."
_NOTHING = "Nothing in the file is about a recorded release: import it once there is one."


def _verification(one: Tried, built: _Built) -> Verification | UsageError:
    """Return what was tried, or why that is about no release."""
    try:
        dependent, provider = (_version(side, built) for side in (one.dependent, one.provider))
    except UsageError as error:
        return error
    return Verification(
        one.dependent.name, dependent, one.provider.name, provider, one.passed, one.url, one.at
    )


def _version(side: Party, built: _Built) -> Version:
    if side.version is not None:
        return side.version
    found = built[side.name, side.commit]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(map(str, found))
        raise UsageError(f"{side.commit} is the commit of several releases of {side.name}: {named}")
    raise UsageError(f"no release of {side.name} is recorded with the commit {side.commit}")
