"""What ran when, and what was passed on purpose to get it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary import questions
from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.stored import is_version
from ci_steps.dictionary.tables import deployment, environment, release, service
from ci_steps.versions import Version, parse_version

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.model import Evidence


@dataclass(frozen=True)
class Lived:
    """A deployment with its end, None while it runs, and the overrides that let it pass."""

    version: Version
    environment: str
    slot: str
    commit: str
    by: str
    url: str
    since: datetime
    until: datetime | None
    overrides: tuple[Evidence, ...] = ()


def history(connection: Connection, service_name: str) -> tuple[Lived, ...]:
    """Return every deployment of a service, newest first; three statements."""
    rows = connection.execute(
        select(
            deployment.c.slot,
            deployment.c.commit,
            deployment.c.by,
            deployment.c.url,
            deployment.c.started_at,
            deployment.c.ended_at,
            environment.c.name.label("environment"),
            release.c.label,
            release.c.scheme,
        )
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        # Ended deployments have an index by release and none by service.
        .join(service, release.c.service_id == service.c.id)
        .join(environment, deployment.c.environment_id == environment.c.id)
        .where(service.c.name.in_(names_of(connection, service_name)))
        .order_by(deployment.c.started_at.desc(), deployment.c.id.desc())
    ).all()
    lived = [
        Lived(
            parse_version(row.label, row.scheme),
            row.environment,
            row.slot,
            row.commit,
            row.by,
            row.url,
            row.started_at,
            row.ended_at,
        )
        for row in rows
    ]
    overrides = questions.evidence_about(connection, service_name, kind="override")
    return tuple(_with_overrides(lived, overrides))


def _with_overrides(lived: list[Lived], overrides: tuple[Evidence, ...]) -> list[Lived]:
    """Give each override to the deployment it was for: the last one of its build before it."""
    found: dict[int, list[Evidence]] = {}
    for override in reversed(overrides):
        place = next((at for at, one in enumerate(lived) if _is_for(override, one)), None)
        if place is not None:
            found.setdefault(place, []).append(override)
    return [replace(one, overrides=tuple(found.get(at, ()))) for at, one in enumerate(lived)]


def _is_for(override: Evidence, one: Lived) -> bool:
    return (
        override.environment == one.environment
        and override.commit == one.commit
        and is_version(override.version, one.version)
        and one.since <= override.at
    )
