"""What is live in an environment, as far as a verdict asks.

Everything is found through what is live: neither the releases nor the deployments of the
past are walked. An address that answered since its deployment is believed, whatever was recorded.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, select

from ci_steps.addresses import without_credentials
from ci_steps.dictionary.aliases import aliases
from ci_steps.dictionary.slots import Occupied
from ci_steps.dictionary.tables import (
    deployment,
    observation,
    release,
    service,
)
from ci_steps.errors import VersionError
from ci_steps.versions import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_T = TypeVar("_T")

# SQLite before 3.32 takes 999 values in a statement, and there are up to three for each.
_AT_ONCE = 300


class Live(NamedTuple):
    """A version that runs in a slot; `remark` says where an observation and the record differ.

    `digest` is that of its contract, where it is known; `recorded` is None for a candidate.
    """

    slot: str
    version: Version
    digest: str = ""
    remark: str = ""
    recorded: Occupied | None = None


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
        return sorted(wanted | {old for old in self.current if self.of(old) in wanted})


def read_names(connection: Connection) -> Names:
    """Return the names that services had before."""
    return Names(aliases(connection))


def read_ids(connection: Connection, names: Names, services: Iterable[str]) -> dict[int, str]:
    """Return the numbers of services, and of what is recorded under their old names."""
    found: dict[int, str] = {}
    for some in chunks(names.all_of(services)):
        rows = connection.execute(
            select(service.c.id, service.c.name).where(service.c.name.in_(some))
        )
        found.update({row.id: names.of(row.name) for row in rows})
    return found


def read_live(
    connection: Connection, environment: int, services: Mapping[int, str]
) -> dict[str, tuple[Live, ...]]:
    """Return what runs of each of *services*, by slot."""
    found: dict[str, list[Any]] = defaultdict(list)
    seen: dict[str, list[Any]] = defaultdict(list)
    for some in chunks(services):
        for row in connection.execute(_deployed(environment, some)):
            found[services[row.service_id]].append(row)
        for row in connection.execute(_observed(environment, some)):
            seen[services[row.service_id]].append(row)
    return {name: tuple(_lives(name, rows, seen[name])) for name, rows in found.items()}


def chunks(values: Iterable[_T], size: int = _AT_ONCE) -> Iterator[list[_T]]:
    """Yield *values* in lists that a statement can take."""
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk


@lru_cache(maxsize=20_000)
def read_version(text: str, scheme: str | None = None) -> Version:
    """Read a stored version; the same text is read once."""
    return parse_version(text, scheme)


def _deployed(environment: int, services: list[int]) -> Select[Any]:
    return (
        select(
            deployment.c.service_id,
            deployment.c.slot,
            deployment.c.started_at,
            deployment.c.address,
            release.c.label,
            release.c.scheme,
            release.c.contract_digest,
        )
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        .where(
            deployment.c.service_id.in_(services),
            deployment.c.environment_id == environment,
            deployment.c.ended_at.is_(None),
        )
    )


def _observed(environment: int, services: list[int]) -> Select[Any]:
    return select(observation).where(
        observation.c.service_id.in_(services), observation.c.environment_id == environment
    )


def _lives(name: str, rows: list[Any], seen: list[Any]) -> Iterator[Live]:
    recorded = {row: read_version(row.label, row.scheme) for row in rows}
    for row in sorted(rows, key=lambda row: (row.slot, row.service_id)):
        version = recorded[row]
        address = without_credentials(row.address)
        # What several slots share may answer for any of them.
        beside = {recorded[one] for one in rows if without_credentials(one.address) == address}
        observed = _of_deployment(row, seen, is_alone=len(rows) == 1)
        answer = answered(observed.version, observed.scheme) if observed else None
        if answer is not None and answer not in beside:
            believed, digest = answer, ""
            remark = f"{name} answers {answer}, recorded is {version}"
        else:
            believed, digest = version, row.contract_digest
            silent = observed and not observed.version
            remark = f"{name} {version} does not answer: {observed.problem}" if silent else ""
        yield Live(row.slot, believed, digest, remark, Occupied(row.slot, version, row.started_at))


def _of_deployment(row: Any, seen: list[Any], *, is_alone: bool) -> Any:
    """Return what its address answered since the deployment, or an address in front of it."""
    current = [one for one in seen if one.at >= row.started_at]
    own = without_credentials(row.address)
    at_own = next((one for one in current if one.address == own), None)
    in_front = max(current, key=lambda one: one.at, default=None) if is_alone else None
    return at_own or in_front


def answered(version: str, scheme: str) -> Version | None:
    """Return the version that an address answered, or None."""
    try:
        return read_version(version, scheme or None) if version else None
    except VersionError:  # what a stranger wrote into the table is no answer
        return None
