"""What answered when somebody asked, and where that is not what was recorded.

An observation is kept with the time since when its address has given the same answer, so
that asking again what is known already writes nothing. It is always at least as new as the
deployment it was compared with: an older one says nothing about a newer deployment.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from ci_steps.addresses import without_credentials
from ci_steps.dictionary import questions
from ci_steps.dictionary.aliases import aliases
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.stored import read_version
from ci_steps.dictionary.tables import deployment, environment, observation, release, service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ci_steps.model import Deployment
    from ci_steps.versions import Version

_LONGEST_PROBLEM = 300


@dataclass(frozen=True)
class Observation:
    """What an address of a service answered: a version, or the problem why there is none."""

    service: str
    environment: str
    address: str
    version: Version | None
    at: datetime
    problem: str = ""


@dataclass(frozen=True)
class Drift:
    """An address that answers something else than what was recorded, or nothing."""

    service: str
    environment: str
    address: str
    recorded: tuple[Version, ...]
    observed: Version | None
    problem: str
    since: datetime


def observe(connection: Connection, observations: Iterable[Observation]) -> int:
    """Keep what answered; return how many answers were news.

    Services and environments that nobody recorded are left out: who asks records nothing.
    Cost: two statements, and one for each answer that is news.
    """
    latest = {(one.service, one.environment, one.address): one for one in observations}
    if not latest:
        return 0
    places = _places(connection, latest.values())
    known = _known(connection, places.values())
    news = 0
    for one in latest.values():
        place = places.get((one.service, one.environment))
        if place is not None and _is_news(one, known.get((*place[:2], one.address)), place):
            _put(connection, place, one)
            news += 1
    return news


def observe_deployment(connection: Connection, deployed: Deployment) -> None:
    """Keep that a deployment of ours answered its version, where it has an address."""
    if deployed.address:
        address = without_credentials(deployed.address)
        seen = Observation(
            deployed.service, deployed.environment, address, deployed.version, deployed.at
        )
        observe(connection, [seen])


def observations(connection: Connection, environment_name: str) -> tuple[Observation, ...]:
    """Return what was seen in an environment, by service and address; one statement."""
    rows = connection.execute(_observations().where(environment.c.name == environment_name))
    return tuple(
        Observation(
            row.service,
            environment_name,
            row.address,
            read_version(row.version, row.scheme) if row.version else None,
            row.at,
            row.problem,
        )
        for row in rows
    )


def drift(connection: Connection, environment_name: str) -> tuple[Drift, ...]:
    """Return where what was seen is not what was recorded; two statements."""
    live: dict[str, list[Deployment]] = defaultdict(list)
    for one in questions.live(connection, environment_name):
        live[one.service].append(one)
    found = (
        _compared(seen, live.get(seen.service, []))
        for seen in observations(connection, environment_name)
    )
    return tuple(one for one in found if one is not None)


def not_asked(connection: Connection, environment_name: str) -> tuple[str, ...]:
    """Return the services that are live somewhere nobody has asked; of those nothing is known."""
    live = {one.service for one in questions.live(connection, environment_name)}
    seen = {one.service for one in observations(connection, environment_name)}
    return tuple(sorted(live - seen))


def _compared(seen: Observation, live: Sequence[Deployment]) -> Drift | None:
    """Compare with the deployment at the same address, else with all: one address is in front."""
    there = [one for one in live if without_credentials(one.address) == seen.address] or live
    if any(one.at > seen.at for one in there):
        return None
    recorded = tuple(one.version for one in there)
    if seen.version in recorded or (seen.version is None and not recorded):
        return None
    return Drift(
        seen.service,
        seen.environment,
        seen.address,
        recorded,
        seen.version,
        seen.problem,
        seen.at,
    )


def keep_only(connection: Connection, kept: Mapping[tuple[int, int], Iterable[str]]) -> None:
    """Forget what was seen of services anywhere else than at the addresses that are *kept*.

    By service and environment, by their numbers. What runs there has changed, so that an
    address in front of it was asked about something else.
    """
    connection.execute(
        _FORGET,
        [
            {
                "of_service": service_id,
                "there": environment_id,
                "kept": [without_credentials(address) for address in addresses],
            }
            for (service_id, environment_id), addresses in kept.items()
        ],
    )


_FORGET = delete(observation).where(
    observation.c.service_id == bindparam("of_service"),
    observation.c.environment_id == bindparam("there"),
    observation.c.address.not_in(texts("kept")),
)


class _Place(NamedTuple):
    """A service in an environment, by number, and what is recorded there, by address."""

    service: int
    environment: int
    recorded: Sequence[tuple[str, Version]]
    newest: datetime | None

    def differs_from(self, one: Observation) -> bool:
        """Return whether an answer is not the recorded one: at its address, else anywhere."""
        own = {version for address, version in self.recorded if address == one.address}
        recorded = own or {version for _, version in self.recorded}
        return one.version is not None and one.version not in recorded


def _places(
    connection: Connection, observed: Iterable[Observation]
) -> dict[tuple[str, str], _Place]:
    """Return where was asked, and what is recorded there."""
    names = {(one.service, one.environment) for one in observed}
    renamed = aliases(connection)
    present = {renamed.get(name, name) for name, _ in names}
    rows = connection.execute(
        select(
            service.c.name,
            environment.c.name.label("place"),
            service.c.id,
            environment.c.id.label("place_id"),
            deployment.c.started_at,
            deployment.c.address,
            release.c.label,
            release.c.scheme,
        )
        .join_from(service, environment, environment.c.name.in_({place for _, place in names}))
        .outerjoin(
            deployment,
            (deployment.c.service_id == service.c.id)
            & (deployment.c.environment_id == environment.c.id)
            & deployment.c.ended_at.is_(None),
        )
        .outerjoin(release, deployment.c.release_id == release.c.id)
        .where(service.c.name.in_(present))
        .order_by(service.c.name, environment.c.name)
    )
    found = {
        key: _place(list(alike)) for key, alike in groupby(rows, key=lambda row: tuple(row[:2]))
    }
    return {
        (name, place): found[renamed.get(name, name), place]
        for name, place in names
        if (renamed.get(name, name), place) in found
    }


def _place(rows: Sequence[Row[Any]]) -> _Place:
    live = [row for row in rows if row.label is not None]
    recorded = [
        (without_credentials(row.address), read_version(row.label, row.scheme)) for row in live
    ]
    newest = max((row.started_at for row in live), default=None)
    return _Place(rows[0].id, rows[0].place_id, recorded, newest)


def _known(
    connection: Connection, places: Iterable[_Place]
) -> dict[tuple[int, int, str], Row[Any]]:
    services = {place.service for place in places}
    rows = connection.execute(select(observation).where(observation.c.service_id.in_(services)))
    return {(row.service_id, row.environment_id, row.address): row for row in rows}


def _is_news(one: Observation, known: Row[Any] | None, place: _Place) -> bool:
    if known is None:
        return True
    same = (known.version, known.problem) == (_label(one), _problem(one))
    if not same or known.differs != place.differs_from(one):
        return True
    return place.newest is not None and known.at < place.newest


def _put(connection: Connection, place: _Place, one: Observation) -> None:
    key = {
        "service_id": place.service,
        "environment_id": place.environment,
        "address": one.address,
    }
    said = {
        "version": _label(one),
        "scheme": one.version.scheme if one.version else "",
        "problem": _problem(one),
        "at": max(filter(None, (one.at, place.newest))),
        "differs": place.differs_from(one),
    }
    changed = connection.execute(
        update(observation)
        .where(*(observation.c[name] == value for name, value in key.items()))
        .values(said)
    )
    if changed.rowcount == 0:
        connection.execute(insert(observation).values(**key, **said))


def _label(one: Observation) -> str:
    return str(one.version) if one.version else ""


def _problem(one: Observation) -> str:
    return one.problem[:_LONGEST_PROBLEM]


def _observations() -> Select[Any]:
    return (
        select(observation, service.c.name.label("service"))
        .join_from(observation, service, observation.c.service_id == service.c.id)
        .join(environment, observation.c.environment_id == environment.c.id)
        .order_by(service.c.name, observation.c.address)
    )
