"""Verifications: two exact versions were tried together, and it worked or it did not.

The latest result of a pair counts. Both services must be known; their versions need not be
recorded, for what is verified is often a candidate that is deployed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select, update

from ci_steps.addresses import without_credentials
from ci_steps.dictionary import tables
from ci_steps.dictionary.aliases import present_name
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.release_recording import find_release
from ci_steps.dictionary.spellings import spellings
from ci_steps.dictionary.stored import is_version
from ci_steps.dictionary.tables import verification
from ci_steps.errors import UsageError
from ci_steps.versions import parse_version
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    if verified.dependent == verified.provider:
        raise UsageError(f"{verified.dependent!r} cannot be verified with itself")
    _check_url(verified.url)
    dependent = _known(connection, verified.dependent, verified.dependent_version)
    provider = _known(connection, verified.provider, verified.provider_version)
    kept = replace(
        verified,
        dependent=dependent.name,
        dependent_version=dependent.version,
        provider=provider.name,
        provider_version=provider.version,
        url=without_credentials(verified.url),
    )
    earlier = _of_pair(connection, dependent, provider)
    at, effect = _when(kept, earlier, now)
    if effect is Effect.ADDED:
        connection.execute(
            insert(verification).values(
                dependent_id=dependent.number,
                dependent_version=str(dependent.version),
                provider_id=provider.number,
                provider_version=str(provider.version),
                passed=kept.passed,
                url=kept.url,
                at=at,
            )
        )
    missing = (str(one) for one in (dependent, provider) if not one.is_recorded)
    return Recorded(replace(kept, at=at), effect, tuple(missing))


def latest(
    connection: Connection,
    dependent: str,
    dependent_version: Version,
    provider: str,
    provider_version: Version,
) -> Verification | None:
    """Return the verification of a pair that counts, however its versions are spelled."""
    found = _of_pair(
        connection,
        _known(connection, dependent, dependent_version),
        _known(connection, provider, provider_version),
    )
    if not found:
        return None
    row = found[0]
    return Verification(
        dependent, dependent_version, provider, provider_version, row.passed, row.url, row.at
    )


def set_evidence_required(connection: Connection, environment: str, *, required: bool) -> None:
    """Say whether a requirement counts in a known environment only when it was verified."""
    place, policy = tables.environment, tables.policy
    number = connection.execute(select(place.c.id).where(place.c.name == environment)).scalar_one()
    mine = policy.c.environment_id == number
    if connection.execute(select(policy.c.id).where(mine)).first() is None:
        connection.execute(insert(policy).values(environment_id=number, evidence_required=required))
    else:
        connection.execute(update(policy).where(mine).values(evidence_required=required))


def evidence_required(connection: Connection, environment: str) -> bool:
    """Return whether a requirement counts in an environment only when it was verified."""
    place, policy = tables.environment, tables.policy
    return bool(
        connection.execute(
            select(policy.c.evidence_required)
            .join_from(policy, place)
            .where(place.c.name == environment)
        ).scalar()
    )


@dataclass(frozen=True)
class _Side:
    """A known service at a version, in the spelling of its release if there is one."""

    number: int
    name: str
    version: Version
    is_recorded: bool

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def _known(connection: Connection, name: str, version: Version) -> _Side:
    present = present_name(connection, name)
    service = tables.service
    number = connection.execute(select(service.c.id).where(service.c.name == present)).scalar()
    if number is None:
        known = connection.execute(select(service.c.name)).scalars()
        raise UsageError(
            f"unknown service {name!r}{did_you_mean(name, known)}",
            hint="A verification is about services that the dictionary knows.",
        )
    release = find_release(connection, number, version)
    if release is None:
        return _Side(number, present, version, is_recorded=False)
    label = parse_version(release.label, release.scheme)
    return _Side(number, present, label, is_recorded=True)


def _of_pair(connection: Connection, dependent: _Side, provider: _Side) -> Sequence[Row[Any]]:
    """Return the verifications of two exact versions, the one that counts first."""
    rows = connection.execute(
        select(verification)
        .where(
            verification.c.dependent_id == dependent.number,
            verification.c.dependent_version.in_(spellings(str(dependent.version))),
            verification.c.provider_id == provider.number,
        )
        .order_by(verification.c.at.desc(), verification.c.id.desc())
    )
    return [
        row
        for row in rows
        if is_version(row.dependent_version, dependent.version)
        and is_version(row.provider_version, provider.version)
    ]


def _when(
    verified: Verification, earlier: Sequence[Row[Any]], now: datetime
) -> tuple[datetime, Effect]:
    """Return the time to keep, and whether there is anything to keep."""
    same = [row for row in earlier if (row.passed, row.url) == (verified.passed, verified.url)]
    if verified.at is not None:
        known = any(row.at == verified.at for row in same)
        return verified.at, Effect.UNCHANGED if known else Effect.ADDED
    if same and same[0] is earlier[0]:
        return same[0].at, Effect.UNCHANGED
    # An agent whose clock is behind must not make its result older than the one before.
    return max([now, *(row.at for row in earlier[:1])]), Effect.ADDED


def _check_url(url: str) -> None:
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(
            f"{url[:60]!r} is not an address", hint="Name the page of the test: --url https://…"
        )
    if len(url) > _LONGEST_URL:
        raise UsageError(f"the address is longer than {_LONGEST_URL:,} characters")
