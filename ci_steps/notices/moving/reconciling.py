"""What is in production and was never announced, as when it was recorded by another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, exists, select

from ci_steps.comparisons.changes import Level
from ci_steps.dictionary.contracts.kept import comparison
from ci_steps.dictionary.questions import deployment_of, deployments
from ci_steps.dictionary.release_questions import newest_first
from ci_steps.dictionary.tables import (
    deployment,
    environment,
    event,
    live_requirement,
    obligation,
    service,
)
from ci_steps.notices.events import MAJOR
from ci_steps.notices.moving.dependents import affected
from ci_steps.notices.moving.obligations import announce, resolve
from ci_steps.notices.moving.terms import Terms
from ci_steps.versions import Bump, bump_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from ci_steps.model import Deployment, Obligation, Release
    from ci_steps.protocols import Announced


@dataclass(frozen=True)
class Announcing:
    """How what is found is announced: by when others must move, and where they are told."""

    due: Callable[[date], date]
    channels: Sequence[str]
    terms: Terms = field(default_factory=Terms)


def resolve_all(connection: Connection, at: datetime) -> tuple[Obligation, ...]:
    """End what is fulfilled by what is live, whoever recorded that, and return it."""
    open_ones = (
        select(service.c.name, event.c.environment)
        .join_from(obligation, event, obligation.c.event_id == event.c.id)
        .join(service, obligation.c.dependent_id == service.c.id)
        .where(obligation.c.done_at.is_(None))
        .distinct()
        .order_by(service.c.name, event.c.environment)
    )
    return tuple(
        ended
        for row in connection.execute(open_ones).all()
        for ended in resolve(connection, row.name, (), row.environment, at)
    )


def reconcile(
    connection: Connection, how: Announcing, *, since: datetime, at: datetime
) -> tuple[Announced, ...]:
    """Announce what runs in production since then, obliges somebody and has no event.

    What is older is left alone: a dictionary that was just loaded tells nobody of its past.
    """
    return tuple(
        announce(
            connection,
            deployed,
            due=how.due(deployed.at.date()),
            at=at,
            channels=how.channels,
            url=deployed.url,
            terms=Terms(calendars=how.terms.calendars),  # the rest is another service's
        )
        for deployed in tuple(_unannounced(connection, since))
        if affected(connection, deployed.service, deployed.version, deployed.environment)
        and not _is_known_compatible(connection, deployed)
    )


def _unannounced(connection: Connection, since: datetime) -> Iterator[Deployment]:
    told = _announced(connection)
    for row in connection.execute(_needed_since(since)).all():
        deployed = deployment_of(row)
        if (deployed.service, deployed.version.floor, deployed.environment) not in told:
            yield deployed


def _announced(connection: Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute(
        select(service.c.name, event.c.to, event.c.environment)
        .join_from(event, service, event.c.service_id == service.c.id)
        .where(event.c.kind == MAJOR)
    )
    return {(row.name, row.to, row.environment) for row in rows}


def _needed_since(since: datetime) -> Select[Any]:
    needed = exists().where(
        live_requirement.c.provider == service.c.name,
        live_requirement.c.environment_id == deployment.c.environment_id,
    )
    return (
        deployments()
        .where(
            deployment.c.ended_at.is_(None),
            deployment.c.started_at >= since,
            environment.c.production,
            needed,
        )
        .order_by(deployment.c.started_at, deployment.c.id)
    )


def _is_known_compatible(connection: Connection, deployed: Deployment) -> bool:
    """Return whether a version that may break was compared, and nothing in it breaks callers."""
    found = newest_first(connection, deployed.service)
    this = next((one for one in found if one.version == deployed.version), None)
    before = next((one for one in found if _is_before(one, deployed)), None)
    if this is None or before is None or not this.contract_digest:
        return False
    if bump_between(before.version, this.version) is not Bump.MAY_BREAK:
        return False
    if before.contract_digest == this.contract_digest:
        return True
    compared = comparison(connection, before.contract_digest, this.contract_digest)
    return compared is not None and compared.level < Level.BREAKING


def _is_before(one: Release, deployed: Deployment) -> bool:
    version = deployed.version
    return one.final and one.version.scheme == version.scheme and one.version < version
