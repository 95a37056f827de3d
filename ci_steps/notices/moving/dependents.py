"""Which live services a release obliges to move, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, select

from ci_steps.dictionary import declarations
from ci_steps.dictionary.tables import (
    deployment,
    environment,
    owner,
    release,
    requirement,
    service,
)
from ci_steps.dictionary.verdicts.untouched import spared
from ci_steps.model import Dependent
from ci_steps.versions import Requirement, Satisfaction, Version, parse_version
from ci_steps.versions import requirement as long_form

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Affected:
    """A live service that a release obliges to move; `why` is what its requirement misses.

    As far as it is known, the requirement is declared at `place` (``ci-steps.yaml:7``) of
    `commit` in `repository`. The ids are those of the service and its owner in the dictionary.
    """

    dependent: Dependent
    why: str
    service_id: int
    owner_id: int | None
    repository: str = ""
    commit: str = ""
    place: str = ""


def affected(
    connection: Connection, provider: str, version: Version, environment_name: str
) -> tuple[Affected, ...]:
    """Return the live services whose requirement on *provider* is older than *version*, by name.

    A service that runs in several slots is there once, with what its newest deployment
    requires of those that are too old. Cost: O(log n + rows), through the live deployments.
    """
    found: dict[str, Affected] = {}
    taken_up = taken_up_at(connection, provider)
    for row in connection.execute(_live(provider, environment_name)):
        needs = read(provider, row.written)
        if row.name not in found and is_obliged(needs, version, taken_up):
            label = parse_version(row.label, row.scheme)
            dependent = Dependent(row.name, label, environment_name, needs, row.owner or "")
            found[row.name] = Affected(
                dependent,
                needs.why_not(version),
                row.id,
                row.owner_id,
                row.repository,
                row.commit,
                declarations.read(row.places).get(provider, ""),
            )
    by_use = spared(connection, provider, version, [one.dependent for one in found.values()])
    return tuple(one for name, one in found.items() if name not in by_use)


def live_requirements(
    connection: Connection, dependent: str, environment_name: str
) -> tuple[tuple[str, str], ...]:
    """Return provider and requirement of everything that *dependent* needs where it is live."""
    rows = connection.execute(
        select(requirement.c.provider, requirement.c.written)
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        .join(requirement, requirement.c.requirement_set_id == release.c.requirement_set_id)
        .join(service, deployment.c.service_id == service.c.id)
        .join(environment, deployment.c.environment_id == environment.c.id)
        .where(
            deployment.c.ended_at.is_(None),
            service.c.name == dependent,
            environment.c.name == environment_name,
        )
        .distinct()
    )
    return tuple((row.provider, row.written) for row in rows)


def is_obliged(
    needs: Requirement, version: Version, taken_up: dict[str, datetime] | None = None
) -> bool:
    """Return whether who *needs* something older must move because *version* is there.

    Who needs something newer, or of a scheme the provider never had, need not. *taken_up*
    says when the provider's schemes began: one that is older is left behind.
    """
    if needs.satisfied_by(version) is Satisfaction.YES:
        return False
    if needs.least is not None and needs.least.scheme != version.scheme:
        return _is_left_behind(needs.least.scheme, version.scheme, taken_up or {})
    if needs.line == version.line:
        return needs.least is not None and needs.least < version
    if not (needs.line.isdecimal() and version.line.isdecimal()):
        return False
    return int(needs.line) < int(version.line)


def taken_up_at(connection: Connection, provider: str) -> dict[str, datetime]:
    """Return when *provider* recorded its first release, by version scheme."""
    rows = connection.execute(
        select(release.c.scheme, func.min(release.c.recorded_at).label("first"))
        .join(service, release.c.service_id == service.c.id)
        .where(service.c.name == provider)
        .group_by(release.c.scheme)
    )
    return {row.scheme: row.first for row in rows}


@lru_cache(maxsize=4096)
def read(provider: str, written: str) -> Requirement:
    """Read a stored requirement; the name of its provider may itself end like a version."""
    return long_form(provider, written.removeprefix(f"{provider}-"))


def _is_left_behind(old: str, new: str, taken_up: dict[str, datetime]) -> bool:
    return old in taken_up and (new not in taken_up or taken_up[old] < taken_up[new])


def _live(provider: str, environment_name: str) -> Select[Any]:
    return (
        select(
            service.c.id,
            service.c.name,
            service.c.owner_id,
            service.c.repository,
            release.c.commit,
            release.c.places,
            release.c.label,
            release.c.scheme,
            requirement.c.written,
            owner.c.name.label("owner"),
        )
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        .join(requirement, requirement.c.requirement_set_id == release.c.requirement_set_id)
        .join(service, deployment.c.service_id == service.c.id)
        .join(environment, deployment.c.environment_id == environment.c.id)
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .where(
            deployment.c.ended_at.is_(None),
            requirement.c.provider == provider,
            environment.c.name == environment_name,
        )
        .order_by(service.c.name, deployment.c.started_at.desc(), deployment.c.id.desc())
    )
