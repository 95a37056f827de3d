"""Verifications: two exact versions were tried together, and it worked or it did not.

The latest result of a pair counts. Both services must be known; their versions need not be
recorded, for what is verified is often a candidate that is deployed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, insert

from ci_steps.addresses import without_credentials
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.tables import verification
from ci_steps.dictionary.verification_history import Key, Tried, earlier_of
from ci_steps.dictionary.verification_sides import Named, Side, find_sides, unknown
from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ci_steps.versions import Version

_LONGEST_URL = 2000


@dataclass(frozen=True)
class Verification:
    """What became of a dependent and a provider that were tried together.

    `at` is None for now. The `url` is that of the test, for whoever asks why.
    """

    dependent: str
    dependent_version: Version
    provider: str
    provider_version: Version
    passed: bool
    url: str = ""
    at: datetime | None = None

    @property
    def sides(self) -> tuple[Named, Named]:
        """Return the dependent and the provider, each with its version."""
        return (self.dependent, self.dependent_version), (self.provider, self.provider_version)

    def __str__(self) -> str:
        """Return the pair as it is written on the command line."""
        left = f"{self.dependent}@{self.dependent_version}"
        return f"{left} {self.provider}@{self.provider_version}"


@dataclass(frozen=True)
class Recorded:
    """A verification as it is kept, and which of its versions nobody has recorded yet."""

    verification: Verification
    effect: Effect
    unrecorded: tuple[str, ...] = ()


def record(connection: Connection, verified: Verification, now: datetime) -> Recorded:
    """Keep a verification; the same result with the same address again changes nothing."""
    (kept,) = record_all(connection, [verified], now)
    if isinstance(kept, UsageError):
        raise kept
    return kept


def record_all(
    connection: Connection, verified: Sequence[Verification], now: datetime
) -> list[Recorded | UsageError]:
    """Keep verifications one after the other; answer why for those that cannot be kept.

    Cost: six statements, however many there are.
    """
    pairs = _pairs(connection, verified)
    earlier = earlier_of(connection, {one.key for one in pairs if isinstance(one, _Pair)})
    found = [
        one if isinstance(one, UsageError) else _take(one, earlier[one.key], now) for one in pairs
    ]
    added = [
        {
            "dependent_id": pair.dependent.number,
            "dependent_version": str(pair.dependent.version),
            "provider_id": pair.provider.number,
            "provider_version": str(pair.provider.version),
            "passed": one.verification.passed,
            "url": one.verification.url,
            "at": one.verification.at,
        }
        for pair, one in zip(pairs, found, strict=True)
        if isinstance(pair, _Pair) and isinstance(one, Recorded) and one.effect is Effect.ADDED
    ]
    if added:
        connection.execute(insert(verification), added)
    return found


def latest(
    connection: Connection,
    dependent: str,
    dependent_version: Version,
    provider: str,
    provider_version: Version,
) -> Verification | None:
    """Return the verification of a pair that counts, however its versions are spelled."""
    tried = Verification(dependent, dependent_version, provider, provider_version, passed=False)
    (pair,) = _pairs(connection, [tried])
    if isinstance(pair, UsageError):
        raise pair
    found = earlier_of(connection, {pair.key})[pair.key]
    if not found:
        return None
    return replace(tried, passed=found[0].passed, url=found[0].url, at=found[0].at)


class _Pair(NamedTuple):
    """A verification as it is to be kept, and its sides."""

    verification: Verification
    dependent: Side
    provider: Side

    @property
    def key(self) -> Key:
        """Return what is equal for the same pair, however its versions are spelled."""
        left, right = self.dependent, self.provider
        return left.number, left.version, right.number, right.version


def _pairs(connection: Connection, verified: Sequence[Verification]) -> list[_Pair | UsageError]:
    asked = {side for one in verified for side in one.sides}
    sides = find_sides(connection, asked)
    reasons = unknown(connection, sorted({name for name, _ in asked - sides.keys()}))
    return [_pair(one, sides, reasons) for one in verified]


def _pair(
    one: Verification, sides: Mapping[Named, Side], reasons: Mapping[str, UsageError]
) -> _Pair | UsageError:
    refused = _problem(one) or next(
        (reasons[name] for name, _ in one.sides if name in reasons), None
    )
    if refused is not None:
        return refused
    dependent, provider = (sides[side] for side in one.sides)
    kept = replace(
        one,
        dependent=dependent.name,
        dependent_version=dependent.version,
        provider=provider.name,
        provider_version=provider.version,
        url=without_credentials(one.url),
    )
    return _Pair(kept, dependent, provider)


def _take(pair: _Pair, earlier: list[Tried], now: datetime) -> Recorded:
    """Return a verification as it is kept; one that is new is put before those it outranks."""
    kept = pair.verification
    at, effect = _when(kept, earlier, now)
    if effect is Effect.ADDED:
        before = [one for one in earlier if one.at > at]
        earlier.insert(len(before), Tried(at, kept.passed, kept.url))
    missing = (str(one) for one in (pair.dependent, pair.provider) if not one.is_recorded)
    return Recorded(replace(kept, at=at), effect, tuple(missing))


def _when(
    verified: Verification, earlier: Sequence[Tried], now: datetime
) -> tuple[datetime, Effect]:
    """Return the time to keep, and whether there is anything to keep."""
    same = [one for one in earlier if (one.passed, one.url) == (verified.passed, verified.url)]
    if verified.at is not None:
        known = any(one.at == verified.at for one in same)
        return verified.at, Effect.UNCHANGED if known else Effect.ADDED
    if same and same[0] is earlier[0]:
        return same[0].at, Effect.UNCHANGED
    # An agent whose clock is behind must not make its result older than the one before.
    return max([now, *(one.at for one in earlier[:1])]), Effect.ADDED


def _problem(one: Verification) -> UsageError | None:
    """Return why a verification can be none, whatever the dictionary knows."""
    if one.dependent == one.provider:
        return UsageError(f"{one.dependent!r} cannot be verified with itself")
    if one.url and not one.url.startswith(("http://", "https://")):
        hint = "Name the page of the test: --url https://…"
        return UsageError(f"{one.url[:60]!r} is not an address", hint=hint)
    if len(one.url) > _LONGEST_URL:
        return UsageError(f"the address is longer than {_LONGEST_URL:,} characters")
    return None
