"""Who must move to a new version by when: written with the release, ended by a deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select, update

from ci_steps.dictionary.tables import event, obligation, owner_detail, service
from ci_steps.model import Deployment, Obligation, Owner
from ci_steps.notices import stages
from ci_steps.notices.addressing import addressed, enqueue, enqueue_added, read_owners
from ci_steps.notices.events import MAJOR, Event, insert_new, record_event
from ci_steps.notices.moving import progress
from ci_steps.notices.moving.dependents import (
    Affected,
    affected,
    is_obliged,
    live_requirements,
    read,
    taken_up_at,
)
from ci_steps.notices.moving.owing import MOVED, obligations, of_row, owed, owed_at, unreachable
from ci_steps.notices.moving.settling import settle
from ci_steps.notices.moving.superseding import Older, older_obligations, reopen, supersede
from ci_steps.notices.moving.terms import Terms, written
from ci_steps.notices.threads import show_state
from ci_steps.protocols import Announced
from ci_steps.versions import Requirement, Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

__all__ = ["Told", "announce", "owed", "owed_at", "resolve", "unreachable", "who"]


@dataclass(frozen=True)
class Told:
    """An owner with what obliges them; None are the services that nobody owns."""

    owner: Owner | None
    affected: tuple[Affected, ...]


def who(
    connection: Connection, provider: str, version: Version, environment: str
) -> tuple[Told, ...]:
    """Return who would be told of *version*, and why, by owner; nothing is written."""
    by_owner: dict[str, list[Affected]] = {}
    for one in affected(connection, provider, version, environment):
        by_owner.setdefault(one.dependent.owner, []).append(one)
    ids = {name: of_owner[0].owner_id for name, of_owner in sorted(by_owner.items())}
    owners = read_owners(connection, ids.values())
    return tuple(
        Told(None if id_ is None else owners[id_], tuple(by_owner[name]))
        for name, id_ in ids.items()
    )


def announce(
    connection: Connection,
    deployment: Deployment,
    *,
    due: date,
    at: datetime,
    channels: Sequence[str],
    url: str = "",
    terms: Terms | None = None,
) -> Announced:
    """Oblige the dependents of what was deployed, and put what their owners are told in the outbox.

    Called in the transaction that records the deployment of a release that may break its
    callers. The same again, and the next build of the same major, oblige only who has come
    since. Who has not moved to an older major yet goes straight to this one, by the earlier date.
    """
    said = terms or Terms()
    event_id, is_new = record_event(connection, _event(deployment, at, url, said))
    day = at.date() if said.urgent else due
    is_new = is_new or reopen(connection, event_id, day, at)
    older = older_obligations(connection, event_id) if is_new else ()
    _oblige(connection, event_id, deployment, day, at, said, older)
    if is_new:
        told = supersede(connection, event_id, older, at)
        first = stages.URGENT if said.urgent else stages.ANNOUNCED
        enqueue(connection, event_id, channels, at, first, superseded=told)
    elif enqueue_added(connection, event_id, channels, at):
        show_state(connection, event_id, at)
    owing = owed(connection, event_id)
    if owing:
        progress.begin(connection, event_id, channels, at)
    return Announced(
        f"{deployment.service}-{deployment.version.floor}",
        due=min((one.due for one in owing), default=None),
        obligations=owing,
        unreachable=unreachable(connection, event_id, channels),
        told=addressed(connection, event_id),
        is_new=is_new,
    )


def _event(deployment: Deployment, at: datetime, url: str, terms: Terms) -> Event:
    return Event(
        MAJOR,
        deployment.service,
        deployment.version.floor,
        deployment.environment,
        str(deployment.version),
        at,
        url=url or deployment.url,
        terms=written(terms),
    )


def resolve(
    connection: Connection,
    service_name: str,
    requirements: Sequence[Requirement],
    environment: str,
    at: datetime,
) -> tuple[Obligation, ...]:
    """End what the deployment of *service_name* fulfils, and return it.

    Called after the deployment's own row is written: an obligation ends when nothing of the
    service that is live in *environment* needs the old version any more. It opens again when
    an older release comes back.
    """
    needs = {(one.provider, one.written) for one in requirements}
    needs.update(live_requirements(connection, service_name, environment))
    ended = []
    settled: set[int] = set()
    for row in connection.execute(_obligations_of(service_name, environment)).all():
        is_open = _still_obliged(connection, row, needs)
        if is_open == (row.done_at is None):
            continue
        connection.execute(
            update(obligation)
            .where(obligation.c.id == row.id)
            .values(done_at=None if is_open else at)
        )
        settled.add(row.event_id)
        if not is_open:
            ended.append(replace(of_row(row), done_at=at))
    for event_id in sorted(settled):
        settle(connection, event_id, at)
    return tuple(ended)


def _oblige(
    connection: Connection,
    event_id: int,
    deployed: Deployment,
    due: date,
    at: datetime,
    terms: Terms,
    older: Sequence[Older],
) -> None:
    """Write who must move, each by a day on which its owners work."""
    found = affected(connection, deployed.service, deployed.version, deployed.environment)
    zones = _time_zones(connection, found)
    promised = {one.dependent_id: one.due for one in older}
    rows = []
    for one in found:
        calendar = terms.calendars.of(zones.get(one.owner_id or 0, ""))
        day = due if terms.urgent else max(calendar.working_day(due, -1), at.date())
        rows.append(
            {
                "event_id": event_id,
                "dependent_id": one.service_id,
                "requirement": one.dependent.requirement.written,
                "due": min(day, promised.get(one.service_id, day)),
                "since": at,
                "place": one.place,
                "commit": one.commit,
            }
        )
    insert_new(connection, obligation, rows)


def _time_zones(connection: Connection, found: Iterable[Affected]) -> dict[int, str]:
    owners = sorted({one.owner_id for one in found if one.owner_id is not None})
    rows = connection.execute(
        select(owner_detail.c.owner_id, owner_detail.c.time_zone).where(
            owner_detail.c.owner_id.in_(owners)
        )
    )
    return {row.owner_id: row.time_zone for row in rows}


def _still_obliged(connection: Connection, row: Any, needs: set[tuple[str, str]]) -> bool:
    version = parse_version(row.version)
    taken_up = taken_up_at(connection, row.provider)
    return any(
        is_obliged(read(provider, written), version, taken_up)
        for provider, written in needs
        if provider == row.provider
    )


def _obligations_of(service_name: str, environment: str) -> Select[Any]:
    """Return the question for what a service owes, but for what is over in another way."""
    return obligations().where(
        service.c.name == service_name,
        event.c.environment == environment,
        obligation.c.ended == MOVED,
    )
