"""What is live in an environment, as far as a verdict asks.

Everything is found through what is live: neither the releases nor the deployments of the
past are walked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from ci_steps.addresses import without_credentials
from ci_steps.dictionary.slots import Occupied
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.statements.plain import plain_rows
from ci_steps.dictionary.stored import read_version
from ci_steps.dictionary.tables import deployment, observation, release, service
from ci_steps.dictionary.verdicts.seen import (
    IN_ENVIRONMENT,
    IS_UNUSUAL,
    SEEN,
    Deployed,
    answered_at,
    seen_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ci_steps.dictionary.verdicts.seen import Seen
    from ci_steps.dictionary.verdicts.where import Where
    from ci_steps.versions import Version


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


def read_running(connection: Connection, where: Where, services: Iterable[str]) -> Running:
    """Return what runs of *services*; what answered something else is believed.

    Cost: one statement.
    """
    names = where.names
    found: dict[str, list[Deployed]] = defaultdict(list)
    numbers: dict[str, dict[int, None]] = defaultdict(dict)
    given = {"environment": where.number, "names": names.all_of(services)}
    for row in map(Deployed._make, plain_rows(connection, _DEPLOYED, given)):
        name = names.of(row.name)
        found[name].append(row)
        numbers[name][row.id] = None
    return Running(
        {name: tuple(_lives(name, rows)) for name, rows in found.items()},
        {name: list(all_) for name, all_ in numbers.items()},
    )


# A row for each that is deployed with each answer that there is of its service.
_DEPLOYED = (
    select(
        service.c.id,
        service.c.name,
        IS_UNUSUAL.label("is_unusual"),
        deployment.c.slot,
        deployment.c.started_at,
        deployment.c.address,
        release.c.label,
        release.c.scheme,
        release.c.contract_digest,
        *SEEN,
    )
    .join_from(
        service,
        deployment,
        (deployment.c.service_id == service.c.id)
        & (deployment.c.environment_id == IN_ENVIRONMENT)
        & deployment.c.ended_at.is_(None),
        isouter=True,
    )
    .join(release, deployment.c.release_id == release.c.id, isouter=True)
    .outerjoin(
        observation,
        (observation.c.service_id == service.c.id)
        & (observation.c.environment_id == IN_ENVIRONMENT),
    )
    .where(service.c.name.in_(texts("names")))
)


def _lives(name: str, found: list[Deployed]) -> Iterator[Live]:
    deployed = _deployed_in(found)
    # Of a service that answers as recorded, what it answers says nothing new.
    seen = seen_in(found) if any(row.is_unusual for row in found) else ()
    for row in deployed:
        _, _, _, slot, at, _, label, scheme, digest, *_ = row
        occupied = Occupied(slot or "", read_version(label, scheme), at)
        observed = answered_at(row, seen, is_alone=len(deployed) == 1) if seen else None
        if observed is None or observed.version == label:  # no look at what the text means
            yield Live(occupied.slot, occupied.version, digest, "", occupied)
        else:
            yield _as_observed(name, row, deployed, occupied, observed)


def _deployed_in(found: list[Deployed]) -> list[Deployed]:
    """Return a row for each slot in which something runs, by slot; most services have one."""
    rows = [row for row in found if row.slot is not None]
    if len(rows) > 1:
        by_slot = {(row.slot or "", row.id): row for row in rows}
        return [by_slot[slot] for slot in sorted(by_slot)]
    return rows


def _as_observed(
    name: str, row: Deployed, rows: list[Deployed], occupied: Occupied, observed: Seen
) -> Live:
    slot, version = occupied.slot, occupied.version
    answer = observed.answer
    if answer is not None and answer != version and not _may_answer(answer, row, rows):
        remark = f"{name} answers {answer}, recorded is {version}"
        return Live(slot, answer, "", remark, occupied)
    silent = not observed.version
    remark = f"{name} {version} does not answer: {observed.problem}" if silent else ""
    return Live(slot, version, row.contract_digest, remark, occupied)


def _may_answer(answer: Version, row: Deployed, rows: list[Deployed]) -> bool:
    """Return whether another slot at the same address has the version that answered there."""
    own = without_credentials(row.address)
    return any(
        without_credentials(one.address) == own and read_version(one.label, one.scheme) == answer
        for one in rows
    )
