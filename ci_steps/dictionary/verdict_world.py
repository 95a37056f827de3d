"""What is live in an environment, as far as a verdict asks.

Everything is found through what is live: neither the releases nor the deployments of the
past are walked. An address that answered since its deployment is believed, whatever was recorded.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, text, true, union_all

from ci_steps.addresses import without_credentials
from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.given import texts
from ci_steps.dictionary.slots import Occupied
from ci_steps.dictionary.tables import (
    alias,
    deployment,
    environment,
    observation,
    policy,
    release,
    service,
)
from ci_steps.errors import VersionError
from ci_steps.versions import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime


class Live(NamedTuple):
    """A version that runs in a slot; `remark` says where an observation and the record differ.

    `digest` is that of its contract, where it is known; `recorded` is None for a candidate.
    """

    slot: str
    version: Version
    digest: str = ""
    remark: str = ""
    recorded: Occupied | None = None

    @property
    def differs(self) -> bool:
        """Return whether another version answers than was recorded."""
        return self.recorded is not None and self.recorded.version != self.version


class Seen(NamedTuple):
    """What an address of a service answered."""

    number: int
    name: str
    address: str
    version: str
    scheme: str
    problem: str
    at: datetime
    differs: bool

    @property
    def answer(self) -> Version | None:
        """Return the version that answered, or None."""
        try:
            return read_version(self.version, self.scheme or None) if self.version else None
        except VersionError:  # what a stranger wrote into the table is no answer
            return None


@dataclass(frozen=True)
class Names:
    """What services were called before; an old name means the service."""

    current: Mapping[str, str]

    def of(self, name: str) -> str:
        """Return what a service is called now."""
        if name not in self.current:
            return name
        seen = {name}
        while (following := self.current.get(name, name)) not in seen:
            seen.add(name := following)
        return name

    def all_of(self, names: Iterable[str]) -> list[str]:
        """Return services with all their old names."""
        wanted = set(names)
        return sorted(wanted.union(*(self._old[name] for name in wanted & self._old.keys())))

    @cached_property
    def _old(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for old in self.current:
            found[self.of(old)].add(old)
        return found


@dataclass(frozen=True)
class Where:
    """An environment by its number, 0 if nobody knows it, whether it asks for evidence, names."""

    number: int
    evidence_required: bool
    names: Names


@dataclass(frozen=True)
class Running:
    """What runs of services, by their present names and by slot.

    `numbers` are those of the services with that name or an old one.
    """

    live: Mapping[str, tuple[Live, ...]]
    numbers: Mapping[str, list[int]]

    def of(self, name: str) -> tuple[Live, ...]:
        """Return what runs of a service."""
        return self.live.get(name, ())

    @property
    def names(self) -> Mapping[int, str]:
        """The present names of services by number."""
        return {number: name for name, all_ in self.numbers.items() for number in all_}


def read_where(connection: Connection, environment_name: str) -> Where:
    """Return an environment, and what all services were called before."""
    rows = connection.execute(_WHERE, {"environment": environment_name}).all()
    if not rows:
        return Where(0, evidence_required=False, names=Names({}))
    number, evidence_required, _, _ = rows[0]
    names = {old: now for _, _, old, now in rows if old is not None}
    return Where(number, bool(evidence_required), Names(names))


def read_numbers(connection: Connection, name: str) -> Mapping[str, list[int]]:
    """Return, by *name*, the numbers of the services with any of its names."""
    named = {"names": names_of(connection, name)}
    ids = select(service.c.id).where(service.c.name.in_(texts("names")))
    return {name: list(connection.execute(ids, named).scalars())}


def read_seen(
    connection: Connection, where: Where, services: Iterable[str]
) -> Mapping[str, list[Seen]]:
    """Return what answered of *services*, and of all others what is not as recorded, by name."""
    names = where.names
    given = {"environment": where.number, "names": names.all_of(services)}
    found: dict[str, list[Seen]] = defaultdict(list)
    for row in connection.execute(_SEEN, given).all():
        found[names.of(row.name)].append(Seen(*row))
    return found


def read_running(
    connection: Connection,
    where: Where,
    services: Iterable[str],
    seen: Mapping[str, list[Seen]],
) -> Running:
    """Return what runs of *services*; what was *seen* of them is believed."""
    names = where.names
    runs: dict[str, list[Any]] = defaultdict(list)
    numbers: dict[str, dict[int, None]] = defaultdict(dict)
    given = {"environment": where.number, "names": names.all_of(services)}
    for row in connection.execute(_DEPLOYED, given).all():
        name = names.of(row.name)
        numbers[name][row.id] = None
        if row.slot is not None:
            runs[name].append(row)
    live = {name: tuple(_lives(name, rows, seen.get(name, ()))) for name, rows in runs.items()}
    return Running(live, {name: list(found) for name, found in numbers.items()})


@lru_cache(maxsize=20_000)
def read_version(text: str, scheme: str | None = None) -> Version:
    """Read a stored version; the same text is read once."""
    return parse_version(text, scheme)


_IN_ENVIRONMENT = bindparam("environment", type_=environment.c.id.type)

# Looked up one by one: joined, a server would rather read all services.
_now = select(service.c.name).where(service.c.id == alias.c.service_id).scalar_subquery()
_WHERE = (
    select(environment.c.id, policy.c.evidence_required, alias.c.name, _now)
    .join_from(environment, policy, isouter=True)
    .outerjoin(alias, true())
    .where(environment.c.name == bindparam("environment"))
)

_DEPLOYED = (
    select(
        service.c.id,
        service.c.name,
        deployment.c.slot,
        deployment.c.started_at,
        deployment.c.address,
        release.c.label,
        release.c.scheme,
        release.c.contract_digest,
    )
    .join_from(
        service,
        deployment,
        (deployment.c.service_id == service.c.id)
        & (deployment.c.environment_id == _IN_ENVIRONMENT)
        & deployment.c.ended_at.is_(None),
        isouter=True,
    )
    .join(release, deployment.c.release_id == release.c.id, isouter=True)
    .where(service.c.name.in_(texts("names")))
)

_observed = (
    select(
        service.c.id,
        service.c.name,
        observation.c.address,
        observation.c.version,
        observation.c.scheme,
        observation.c.problem,
        observation.c.at,
        observation.c.differs,
    )
    .join_from(observation, service, observation.c.service_id == service.c.id)
    .where(observation.c.environment_id == _IN_ENVIRONMENT)
)
# Not one condition for both: then neither index would be used.
_SEEN = union_all(
    _observed.where(service.c.name.in_(texts("names")), text("NOT observation.differs")),
    _observed.where(text("observation.differs")),
)


def _lives(name: str, rows: list[Any], seen: Sequence[Seen]) -> Iterator[Live]:
    for row in sorted(rows, key=lambda row: (row.slot, row.id)):
        version = read_version(row.label, row.scheme)
        occupied = Occupied(row.slot, version, row.started_at)
        observed = _of_deployment(row, seen, is_alone=len(rows) == 1)
        # Most answer as recorded, and a text needs no look at what it means.
        is_as_recorded = observed is None or observed.version == row.label
        answer = None if is_as_recorded else observed.answer
        if answer is not None and answer != version and not _may_answer(answer, row, rows):
            remark = f"{name} answers {answer}, recorded is {version}"
            yield Live(row.slot, answer, "", remark, occupied)
        else:
            silent = observed and not observed.version
            remark = f"{name} {version} does not answer: {observed.problem}" if silent else ""
            yield Live(row.slot, version, row.contract_digest, remark, occupied)


def _may_answer(answer: Version, row: Any, rows: list[Any]) -> bool:
    """Return whether another slot at the same address has the version that answered there."""
    own = without_credentials(row.address)
    return any(
        without_credentials(one.address) == own and read_version(one.label, one.scheme) == answer
        for one in rows
    )


def _of_deployment(row: Any, seen: Sequence[Seen], *, is_alone: bool) -> Any:
    """Return what its address answered since the deployment, or an address in front of it."""
    current = [one for one in seen if one.at >= row.started_at]
    if not current:
        return None
    own = without_credentials(row.address)
    at_own = next((one for one in current if one.address == own), None)
    return at_own or (max(current, key=lambda one: one.at) if is_alone else None)
