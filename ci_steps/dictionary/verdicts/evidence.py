"""What is known beyond numbers: verifications, contracts, policies, retired lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, and_, select, union_all

from ci_steps.comparisons.changes import Level
from ci_steps.dictionary.contracts.kept import led_to
from ci_steps.dictionary.spellings import meaning, spellings
from ci_steps.dictionary.statements.given import numbers, rows
from ci_steps.dictionary.statements.plain import plain_rows
from ci_steps.dictionary.statements.together import Together
from ci_steps.dictionary.stored import read_version
from ci_steps.dictionary.tables import release, retired_line, service, verification
from ci_steps.dictionary.verdicts.reasons import Reason
from ci_steps.versions import Requirement, Satisfaction, Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Select, Subquery

    from ci_steps.dictionary.aliases import Names
    from ci_steps.dictionary.verdicts.needs import Need
    from ci_steps.dictionary.verdicts.running import Running
    from ci_steps.dictionary.verdicts.where import Where

    # By the version of a dependent and its requirement: the digests of contracts.
    Spared = Mapping[tuple[object, str], Collection[str]]


class Doubt(NamedTuple):
    """A requirement that live versions with the contracts of *digests* may break."""

    required: Requirement
    digests: frozenset[str]


# By a provider and a requirement on it as written.
Doubts = Mapping[tuple[str, str], Doubt]
Proven = Mapping[tuple[str, str], Mapping[str, Reason]]


@dataclass(frozen=True)
class Known:
    """Everything that may answer instead of a number, in one environment.

    `verified` has results by dependent and provider, then by what their versions mean;
    `contracts` has, for a provider and a requirement on it as written, the contracts that are
    known to satisfy it or not, by the reason; `untouched` has, for a dependent and a provider,
    what its versions use of it and which contracts break nothing of that.
    """

    evidence_required: bool = False
    verified: Mapping[tuple[str, str], Mapping[tuple[object, object], bool]] = field(
        default_factory=dict
    )
    retired: Mapping[tuple[str, str], str] = field(default_factory=dict)
    contracts: Proven = field(default_factory=dict)
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
        return digest in spared.get((meaning(need.version), need.written), ())


def read_known(
    connection: Connection,
    where: Where,
    running: Running,
    dependents: Iterable[tuple[str, str]],
    providers: Iterable[tuple[str, str]],
    doubts: Doubts,
) -> Known:
    """Return what is known in an environment about what runs, but for what is not touched.

    *dependents* and *providers* are services with a version: the results of trying other ones
    are not read. Cost: one statement, and one for each step between contracts.
    """
    named = running.names
    given = {
        "ids": list(named),
        "dependents": _spelled(running, dependents),
        "providers": _spelled(running, providers),
        "dates": _dates_of(doubts, running.numbers),
    }
    retired, verified, of_date = _KNOWN.ask(connection, given)
    return Known(
        where.evidence_required,
        _latest(where.names, verified),
        {(named[number], line): reason for number, line, reason in retired},
        _contracts(connection, doubts, of_date),
    )


def _spelled(running: Running, versions: Iterable[tuple[str, str]]) -> list[tuple[int, str]]:
    return [
        (number, spelled)
        for name, version in versions
        for number in running.numbers.get(name, ())
        for spelled in spellings(version)
    ]


_RETIRED = select(retired_line.c.service_id, retired_line.c.line, retired_line.c.reason).where(
    retired_line.c.service_id.in_(numbers("ids"))
)

_needing, _needed = service.alias("needing"), service.alias("needed")
_dependents = rows("dependents", dependent_id=int, dependent_version=str)
_providers = rows("providers", provider_id=int, provider_version=str)
_verifications = select(
    verification.c.at,
    verification.c.id,
    _needing.c.name,
    _needed.c.name,
    verification.c.dependent_version,
    verification.c.provider_version,
    verification.c.passed,
)


def _tried(given: Subquery) -> Select[Any]:
    """Select what is the same as *given* in all its columns, by an index of all of them."""
    same = and_(*(verification.c[column.name] == column for column in given.c))
    # Outer joins, though each has a service: so the names are looked up last.
    return (
        _verifications.join_from(given, verification, same)
        .join(_needing, verification.c.dependent_id == _needing.c.id, isouter=True)
        .join(_needed, verification.c.provider_id == _needed.c.id, isouter=True)
    )


# Not one condition for both: then neither index would be used.
_VERIFIED = union_all(_tried(_dependents), _tried(_providers))


def _latest(
    names: Names, found: Iterable[Any]
) -> dict[tuple[str, str], dict[tuple[object, object], bool]]:
    latest: dict[tuple[str, str], dict[tuple[object, object], bool]] = defaultdict(dict)
    for row in sorted(found, key=itemgetter(slice(2))):
        _, _, dependent, provider, version, other, passed = row
        versions = (meaning(version), meaning(other))
        latest[names.of(dependent), names.of(provider)][versions] = bool(passed)
    return latest


def read_contracts(
    connection: Connection, numbers_of: Mapping[str, Sequence[int]], doubts: Doubts
) -> Proven:
    """Return what contracts prove about requirements.

    A later date with the contract of a release that satisfies by its number breaks nobody who
    was content with it, and one that was compared does what was found. Only the releases of the
    required date are read, and comparisons from there on if another contract is in doubt.
    """
    given = {"dates": _dates_of(doubts, numbers_of)}
    return _contracts(connection, doubts, plain_rows(connection, _OF_DATE, given))


def _dates_of(
    doubts: Doubts, numbers_of: Mapping[str, Sequence[int]]
) -> list[tuple[int, int, str, int, int]]:
    return [
        (place, number, *_of_date(doubt.required))
        for place, ((name, _), doubt) in enumerate(doubts.items())
        for number in numbers_of.get(name, ())
    ]


def _contracts(connection: Connection, doubts: Doubts, of_date: Iterable[Any]) -> Proven:
    found: list[tuple[Requirement, set[str]]] = [(one.required, set()) for one in doubts.values()]
    for place, label, scheme, digest in of_date:
        required, digests = found[place]
        if digest not in digests and _is_satisfied(required, read_version(label, scheme)):
            digests.add(digest)
    satisfied = {name: digests for name, (_, digests) in zip(doubts, found, strict=True)}
    targets: dict[str, set[str]] = defaultdict(set)
    for name, one in doubts.items():
        if doubtful := one.digests - satisfied[name]:
            for digest in satisfied[name]:
                targets[digest] |= doubtful
    led = led_to(connection, targets)
    return {name: _proven(led, digests) for name, digests in satisfied.items()}


_dates = rows("dates", place=int, service_id=int, scheme=str, first=int, last=int)
_OF_DATE = (
    select(_dates.c.place, release.c.label, release.c.scheme, release.c.contract_digest)
    .join_from(
        _dates,
        release,
        (release.c.service_id == _dates.c.service_id)
        & release.c.order.between(_dates.c.first, _dates.c.last)
        & (release.c.scheme == _dates.c.scheme),
    )
    .where(release.c.contract_digest != "")
)


_KNOWN = Together(_RETIRED, _VERIFIED, _OF_DATE)


def _proven(led: Mapping[str, Mapping[str, Level]], satisfied: set[str]) -> dict[str, Reason]:
    proven: dict[str, Reason] = {}
    for digest in sorted(satisfied & led.keys()):
        for new, level in led[digest].items():
            breaks = level is Level.BREAKING
            # What one release that satisfies leads to is enough.
            if not breaks or new not in proven:
                proven[new] = Reason.CONTRACT_BREAKS if breaks else Reason.COMPATIBLE_CONTRACT
    return {**proven, **dict.fromkeys(satisfied, Reason.SAME_CONTRACT)}


def _is_satisfied(required: Requirement, version: Version) -> bool:
    return required.satisfied_by(version) is Satisfaction.YES


def _of_date(required: Requirement) -> tuple[str, int, int]:
    """Return the scheme of a requirement with a date, and the orders of that date."""
    least = required.least
    if least is None:
        raise ValueError(f"{required} has no date")
    free_bits = sum(least.widths[len(least.breaking_slots) :])
    return least.scheme, least.order, least.order | ((1 << free_bits) - 1)
