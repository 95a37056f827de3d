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
from typing import TYPE_CHECKING

from ci_steps.dictionary import release_questions, tables
from ci_steps.dictionary.contracts.uses import keep_all_uses
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.owner_recording import record_owners
from ci_steps.dictionary.recording import put_environments, record_services
from ci_steps.dictionary.release_recording import Recorded, put_releases
from ci_steps.dictionary.worlds.deployments import record_deployments
from ci_steps.dictionary.worlds.document import Document, KeyPath
from ci_steps.dictionary.worlds.known import Known
from ci_steps.dictionary.worlds.reading import World, read_world
from ci_steps.errors import ConfigError
from ci_steps.outside import Outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection
    from typing_extensions import Self

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Release


@dataclass(frozen=True)
class Count:
    """How many things of a kind were new, different or known already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, effects: Iterable[Effect]) -> Self:
        """Return how often each effect is among *effects*."""
        counted = Counter(effects)
        return cls(*(counted[effect] for effect in Effect))


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
    """Record a world; what is wrong in it is noted. Cost: some fifty statements."""
    keep_all_uses(connection, world.uses.values())
    # In this order, so that everything that is named is there by then, or unknown.
    owners = record_owners(connection, [*world.owners.values()])
    services = _record_services(connection, world, document)
    environments = put_environments(connection, dict(world.environments.values()))
    releases = _record_releases(connection, world, document)
    deployments = record_deployments(connection, world, document)
    return Loaded(
        owners=Count.of(owners),
        services=Count.of(services),
        environments=Count.of(effect for effect, _ in environments.values()),
        releases=Count.of(releases),
        deployments=Count.of(deployments),
    )


def _record_services(connection: Connection, world: World, document: Document) -> list[Effect]:
    owners = Known.read(connection, document, tables.owner)
    # The service itself is known from here on, so that only its owner is a problem.
    return record_services(
        connection,
        [
            one if not one.owner or owners.has(path, one.owner) else replace(one, owner="")
            for path, one in world.services.items()
        ],
    )


def _record_releases(connection: Connection, world: World, document: Document) -> list[Effect]:
    services = Known.read(connection, document, tables.service)
    listed = {path: one for path, one in world.releases.items() if services.has(path, one.service)}
    known = release_questions.find_all(
        connection, [(one.service, one.version) for one in listed.values()]
    )
    given = [_completed(one, known.get((one.service, one.version))) for one in listed.values()]
    effects = []
    for path, put in zip(listed, put_releases(connection, given, world.now), strict=True):
        if isinstance(put, Recorded):
            effects.append(put.effect)
        else:
            document.refuse(path, put)
    return effects


def _completed(release: Release, known: Release | None) -> Release:
    """Return a release with what its file leaves out and the dictionary knows."""
    if known is None or known.commit != release.commit:
        return release
    return replace(
        release,
        requirements=release.requirements or known.requirements,
        contract_digest=release.contract_digest or known.contract_digest,
    )
