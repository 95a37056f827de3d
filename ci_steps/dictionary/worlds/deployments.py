"""Recording where releases of a world file run: what is newer there stays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Table, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.aliases import Names, aliases
from ci_steps.dictionary.deployment_recording import (
    Ending,
    Opening,
    open_of,
    put_deployments,
)
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.release_recording import Recorded
from ci_steps.dictionary.release_rows import find_releases
from ci_steps.dictionary.worlds.known import Known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.dictionary.worlds.document import Document, KeyPath
    from ci_steps.dictionary.worlds.reading import World
    from ci_steps.model import Deployment


def record_deployments(connection: Connection, world: World, document: Document) -> list[Effect]:
    """Record where releases run, and return what became of each; one of nothing known is noted.

    Cost: ten statements, however many there are.
    """
    found = _openings(connection, world, document)
    running = open_of(connection, {one.released.service for one in found})
    here = {(row.service_id, row.environment_id, row.slot): row for row in running}
    plan = _Plan()
    for one in found:
        plan.take(one, here.get((*one.place, one.deployment.slot)))
    put_deployments(connection, running, plan.ended, plan.opening)
    return plan.effects


def _openings(connection: Connection, world: World, document: Document) -> Sequence[Opening]:
    numbers, places = _numbers(connection, tables.service), _numbers(connection, tables.environment)
    services = Known(document, "service", numbers)
    environments = Known(document, "environment", places)
    present = Names(aliases(connection))
    listed: dict[KeyPath, tuple[Deployment, int]] = {
        path: (one, numbers[present.of(one.service)])
        for path, one in world.deployments.items()
        if services.has(path, one.service) and environments.has(path, one.environment)
    }
    rows = find_releases(connection, [(number, one.version) for one, number in listed.values()])
    found = []
    for path, (one, number) in listed.items():
        row = rows.get((number, one.version))
        if row is None:
            what = f"{one.service} {one.version}"
            document.wrong((*path, "version"), f"{what} was never released: list it under releases")
            continue
        released = Recorded(Effect.UNCHANGED, number, row.id, row.requirement_set_id)
        deployment = replace(one, commit=row.commit)
        found.append(Opening(deployment, places[one.environment], released))
    return found


def _numbers(connection: Connection, table: Table) -> dict[str, int]:
    rows = connection.execute(select(table.c.name, table.c.id))
    return {row.name: row.id for row in rows}


@dataclass
class _Plan:
    """What ends and begins."""

    ended: list[Ending] = field(default_factory=list)
    opening: list[Opening] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def take(self, wanted: Opening, here: Row[Any] | None) -> None:
        """Take in what is to run in a slot in which something runs, or nothing."""
        self.effects.append(self._effect(_completed(wanted, here), here))

    def _effect(self, wanted: Opening, here: Row[Any] | None) -> Effect:
        if here is not None and (here.started_at > wanted.deployment.at or wanted.is_same_as(here)):
            return Effect.UNCHANGED
        self.opening.append(wanted)
        if here is None:
            return Effect.ADDED
        self.ended.append(Ending(here, wanted.deployment.at))
        return Effect.CHANGED


def _completed(wanted: Opening, here: Row[Any] | None) -> Opening:
    """Return a deployment with what its file leaves out and is known of the same release."""
    if here is None or here.release_id != wanted.released.number:
        return wanted
    one = wanted.deployment
    kept = replace(one, address=one.address or here.address, digest=one.digest or here.digest)
    return wanted._replace(deployment=kept)
