"""What is known beyond numbers: verifications, contracts, policies, waivers, retired lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, and_, or_, select

from ci_steps.changes import Level
from ci_steps.dictionary.contracts import led_to
from ci_steps.dictionary.reasons import Reason
from ci_steps.dictionary.tables import (
    environment,
    policy,
    release,
    retired_line,
    service,
    verification,
)
from ci_steps.dictionary.verdict_world import Names, chunks, read_version
from ci_steps.errors import VersionError
from ci_steps.versions import CalVersion, Requirement, Satisfaction, SemVersion, Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import ColumnElement

    from ci_steps.dictionary.verdict_needs import Need
    from ci_steps.dictionary.waivers import Waiver

    # By the version of a dependent and its requirement: the digests of contracts.
    Spared = Mapping[tuple[object, str], Collection[str]]

_RANGES_AT_ONCE = 100
# Of as many values each; SQLite before 3.32 takes 999 in a statement.
_FEW = 20


@dataclass(frozen=True)
class Known:
    """Everything that may answer instead of a number, in one environment.

    `verified` has results by dependent and provider, then by what their versions mean;
    `contracts` has, for a provider and a requirement on it, the contracts that are known to
    satisfy it or not, by the reason; `untouched` has, for a dependent and a provider, what its
    versions use of it and which contracts break nothing of that.
    """

    evidence_required: bool = False
    verified: Mapping[tuple[str, str], Mapping[tuple[object, object], bool]] = field(
        default_factory=dict
    )
    retired: Mapping[tuple[str, str], str] = field(default_factory=dict)
    contracts: Mapping[tuple[str, Requirement], Mapping[str, Reason]] = field(default_factory=dict)
    waivers: Mapping[tuple[str, str], Waiver] = field(default_factory=dict)
    untouched: Mapping[tuple[str, str], Spared] = field(default_factory=dict)

    def passed(
        self, dependent: str, dependent_version: str, provider: str, version: Version
    ) -> bool | None:
        """Return the latest result of trying just these two versions, or None."""
        results = self.verified.get((dependent, provider))
        if results is None:
            return None
        return results.get((meaning(dependent_version), meaning(str(version))))

    def is_spared(self, need: Need, digest: str) -> bool:
        """Return whether a contract breaks nothing of what just this dependent uses."""
        spared = self.untouched.get((need.dependent, need.provider), {})
        return digest in spared.get((meaning(need.version), need.required.written), ())


@lru_cache(maxsize=20_000)
def meaning(text: str) -> object:
    """Return what is equal for the spellings of one version: 1.1 is 1.1.0."""
    try:
        return read_version(text)
    except VersionError:  # written in a scheme that its text alone does not tell
        return text


def spellings(text: str) -> set[str]:
    """Return the ways in which a version may be written in the dictionary."""
    version = meaning(text)
    found = {text}
    if isinstance(version, SemVersion):
        tail = f"-{'.'.join(version.prerelease)}" if version.prerelease else ""
        whole = f"{version.major}.{version.minor}.{version.patch}{tail}"
        short = [] if version.patch or tail else [f"{version.major}.{version.minor}"]
        found |= {f"{prefix}{form}" for prefix in ("", "v") for form in (whole, *short)}
    elif isinstance(version, CalVersion) and not version.bugfix:
        found |= {version.date_digits, f"{version.date_digits}.0"}
    return found


def read_environment(connection: Connection, name: str) -> tuple[int, bool]:
    """Return the number of an environment and whether it asks for evidence; 0 if unknown."""
    row = connection.execute(
        select(environment.c.id, policy.c.evidence_required)
        .join_from(environment, policy, isouter=True)
        .where(environment.c.name == name)
    ).one_or_none()
    return (row.id, bool(row.evidence_required)) if row else (0, False)


def read_retired(connection: Connection, services: Mapping[int, str]) -> dict[tuple[str, str], str]:
    """Return the retired lines of services, with the reason."""
    found = {}
    for some in chunks(services):
        rows = connection.execute(
            select(retired_line.c.service_id, retired_line.c.line, retired_line.c.reason).where(
                retired_line.c.service_id.in_(some)
            )
        )
        found.update({(services[row.service_id], row.line): row.reason for row in rows})
    return found


def read_verified(
    connection: Connection,
    names: Names,
    services: Mapping[int, str],
    dependents: Iterable[tuple[str, str, str]],
    providers: Iterable[tuple[str, str]],
) -> dict[tuple[str, str], dict[tuple[object, object], bool]]:
    """Return the results of trying versions together.

    *dependents* are services with a version and a provider, *providers* are services with a
    version. Cost: one statement for some twenty of them, through indexes; results about other
    versions are not read.
    """
    ids = _numbers(services)
    # Not triples in a list of triples: for these SQLite reads the whole table.
    needed: dict[tuple[int, str], list[int]] = defaultdict(list)
    for dependent, version, provider in dependents:
        for dependent_id in ids.get(dependent, ()):
            needed[dependent_id, version] += ids.get(provider, ())
    exact = (
        *(_tried_by(*one, some) for one, all_ in needed.items() for some in chunks(all_, _FEW)),
        *(_tried_with(number, tried) for name, tried in providers for number in ids.get(name, ())),
    )
    rows: list[Any] = []
    for arms in chunks(exact, _FEW):
        rows += connection.execute(_verifications().where(or_(*arms))).all()
    return _latest(names, rows)


def _tried_by(dependent_id: int, version: str, provider_ids: list[int]) -> ColumnElement[bool]:
    columns = verification.c
    return and_(
        columns.dependent_id == dependent_id,
        columns.provider_id.in_(provider_ids),
        columns.dependent_version.in_(sorted(spellings(version))),
    )


def _tried_with(provider_id: int, version: str) -> ColumnElement[bool]:
    columns = verification.c
    return and_(
        columns.provider_id == provider_id,
        columns.provider_version.in_(sorted(spellings(version))),
    )


def _verifications() -> Select[Any]:
    needing, needed = service.alias("needing"), service.alias("needed")
    return (
        select(
            needing.c.name.label("dependent"),
            needed.c.name.label("provider"),
            verification.c.dependent_version,
            verification.c.provider_version,
            verification.c.passed,
            verification.c.at,
            verification.c.id,
        )
        .join_from(verification, needing, verification.c.dependent_id == needing.c.id)
        .join(needed, verification.c.provider_id == needed.c.id)
    )


def _latest(
    names: Names, rows: list[Any]
) -> dict[tuple[str, str], dict[tuple[object, object], bool]]:
    found: dict[tuple[str, str], dict[tuple[object, object], bool]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row.at, row.id)):
        versions = (meaning(row.dependent_version), meaning(row.provider_version))
        found[names.of(row.dependent), names.of(row.provider)][versions] = row.passed
    return found


def read_contracts(
    connection: Connection,
    services: Mapping[int, str],
    doubts: Collection[tuple[str, Requirement]],
) -> dict[tuple[str, Requirement], dict[str, Reason]]:
    """Return what contracts prove about requirements on providers.

    A later date with the contract of a release that satisfies by its number breaks nobody who
    was content with it, and one that was compared does what was found. Only the releases of the
    required date are read, and comparisons from there on.
    """
    found: dict[tuple[str, Requirement], set[str]] = {doubt: set() for doubt in doubts}
    ids = _numbers(services)
    for some in chunks((doubt for doubt in found if doubt[0] in ids), _RANGES_AT_ONCE):
        wanted = [_is_of_date(ids[name], required) for name, required in some]
        rows = connection.execute(
            select(
                release.c.service_id, release.c.label, release.c.scheme, release.c.contract_digest
            ).where(release.c.contract_digest != "", or_(*wanted))
        )
        for row in rows:
            version = read_version(row.label, row.scheme)
            for name, required in some:
                if name == services[row.service_id] and _is_satisfied(required, version):
                    found[name, required].add(row.contract_digest)
    led = led_to(connection, set().union(*found.values()))
    return {doubt: _proven(led, digests) for doubt, digests in found.items()}


def _proven(
    led: Mapping[str, Mapping[str, Level]], satisfied: Collection[str]
) -> dict[str, Reason]:
    proven: dict[str, Reason] = {}
    for digest in sorted(satisfied):
        for new, level in led[digest].items():
            breaks = level is Level.BREAKING
            # What one release that satisfies leads to is enough.
            if not breaks or new not in proven:
                proven[new] = Reason.CONTRACT_BREAKS if breaks else Reason.COMPATIBLE_CONTRACT
    return {**proven, **dict.fromkeys(satisfied, Reason.SAME_CONTRACT)}


def _numbers(services: Mapping[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, name in services.items():
        found.setdefault(name, []).append(number)
    return found


def _is_satisfied(required: Requirement, version: Version) -> bool:
    return required.satisfied_by(version) is Satisfaction.YES


def _is_of_date(service_ids: list[int], required: Requirement) -> Any:
    least = required.least
    if least is None:
        raise ValueError(f"{required} has no date")
    # The leading slots that must not move; the bits behind them are free.
    kept = sum(not bump.is_compatible for bump in least.slot_bumps)
    free_bits = sum(least.widths[kept:])
    last = least.order | ((1 << free_bits) - 1)
    return and_(
        release.c.service_id.in_(service_ids),
        release.c.scheme == least.scheme,
        release.c.order.between(least.order, last),
    )
