"""Loading many things at once: ``ci-steps dictionary load FILE``, which may be done again.

A world file is YAML or JSON. Every part may be left out:

    owners:
      auth-team:
        title: Auth team
        contacts:
          - {channel: email, address: auth-owners@shop.example}
    services:
      auth: {owner: auth-team, repository: https://git.shop.example/auth}
      web: {owner: auth-team}
    environments:
      production: {production: true}
    releases:
      - {service: auth, version: "1.1.0", commit: 3f2a91c, contract_digest: "",
         recorded_at: 2017-10-01T12:00:00Z}
      - {service: web, version: 2.0.3, commit: 77b0c1e, depends_on: [auth-1.1],
         uses: {auth: ["GET /tokens", "POST /login: token, expires"]}}
    deployments:
      - {service: auth, version: "1.1.0", environment: production, slot: "1",
         address: http://auth.shop.example, digest: "", at: 2017-10-01T12:30:00Z}

Releases are final. A slot that is not given is the line of the version; a time that is not
given is now. What the file leaves out stays as the dictionary knows it, and a deployment
older than what runs in its slot changes nothing, so the same file twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Table, select

from ci_steps.dictionary import (
    deployment_recording,
    owner_recording,
    recording,
    release_questions,
    release_recording,
    tables,
)
from ci_steps.dictionary.contracts.uses import keep_uses
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.worlds.document import Document, KeyPath, UnknownNameError
from ci_steps.dictionary.worlds.reading import World, read_world
from ci_steps.errors import ConfigError
from ci_steps.outside import Outside
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Deployment, Release, Service

_T = TypeVar("_T")


@dataclass(frozen=True)
class Count:
    """How many things of a kind were new, different or known already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Loaded:
    """What a world file brought, by kind."""

    owners: Count = Count()
    services: Count = Count()
    environments: Count = Count()
    releases: Count = Count()
    deployments: Count = Count()

    def by_kind(self) -> Mapping[str, Count]:
        """Return the counts by the name of their part of the file."""
        return dict(vars(self))


def load_world(
    dictionary: Dictionary,
    content: object,
    file: str,
    lines: Mapping[KeyPath, int] | None = None,
    now: datetime | None = None,
) -> Loaded:
    """Record what *content*, read from *file*, says: all of it or, with ConfigError, nothing.

    *lines* are those of the values in the file, by their path of keys.
    """
    document = Document(file, lines or {})
    world = read_world(document, content, now or Outside({}).now())

    def record(connection: Connection) -> Loaded:
        # One of its own for each attempt, so that nothing is told twice.
        noted = replace(document, problems=[*document.problems])
        loaded = _record(connection, world, noted)
        # Raised in here, so that nothing of a file that is wrong is kept.
        if noted.problems:
            raise ConfigError(noted.problems)
        return loaded

    return dictionary.write(record)


def _record(connection: Connection, world: World, document: Document) -> Loaded:
    def count(part: Mapping[KeyPath, _T], record: Callable[[Connection, _T], Effect]) -> Count:
        effects = Counter(
            document.attempt(path, record, connection, thing) for path, thing in part.items()
        )
        return Count(*(effects[effect] for effect in Effect))

    for uses in world.uses.values():
        keep_uses(connection, uses)
    # In this order, so that everything that is named is there by then, or unknown.
    return Loaded(
        owners=count(world.owners, owner_recording.record_owner),
        services=count(world.services, _record_service),
        environments=count(
            world.environments,
            lambda to, one: recording.record_environment(to, one[0], production=one[1]),
        ),
        releases=count(world.releases, lambda to, one: _record_release(to, one, world.now)),
        deployments=count(world.deployments, _record_deployment),
    )


def _record_service(connection: Connection, service: Service) -> Effect:
    if not service.owner:
        return recording.record_service(connection, service)
    # The service itself is known from here on, so that only its owner is a problem.
    first = recording.record_service(connection, replace(service, owner=""))
    _check(connection, tables.owner, "owner", service.owner)
    effect = recording.record_service(connection, service)
    return first if first is not Effect.UNCHANGED else effect


def _record_release(connection: Connection, release: Release, now: datetime) -> Effect:
    _check(connection, tables.service, "service", release.service)
    known = release_questions.find(connection, release.service, release.version)
    if known is not None and known.commit == release.commit:
        release = replace(
            release,
            requirements=release.requirements or known.requirements,
            contract_digest=release.contract_digest or known.contract_digest,
        )
    return release_recording.record_release(connection, release, now)


def _record_deployment(connection: Connection, deployment: Deployment) -> Effect:
    service = _check(connection, tables.service, "service", deployment.service)
    environment = _check(connection, tables.environment, "environment", deployment.environment)
    release = release_recording.find_release(connection, service, deployment.version)
    if release is None:
        what = f"{deployment.service} {deployment.version}"
        raise UnknownNameError("version", f"{what} was never released: list it under releases")
    opened = deployment_recording.find_open(connection, service, environment, deployment.slot)
    if opened is not None and opened.started_at > deployment.at:
        return Effect.UNCHANGED
    deployment = replace(deployment, commit=release.commit)
    if opened is not None and opened.release_id == release.id:
        deployment = replace(
            deployment,
            address=deployment.address or opened.address,
            digest=deployment.digest or opened.digest,
        )
    return deployment_recording.record_deployment(connection, deployment)


def _check(connection: Connection, table: Table, what: str, name: str) -> int:
    """Return the number of what is called *name*, or say that nothing is."""
    number = connection.execute(select(table.c.id).where(table.c.name == name)).scalar()
    if number is None:
        known = connection.execute(select(table.c.name)).scalars()
        raise UnknownNameError(what, f"unknown {what} {name!r}{did_you_mean(name, known)}")
    return int(number)
