"""Recording where the releases of a catalog run.

What a pipeline deployed stays. What an earlier import said and this one does not say any more
has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ci_steps.dictionary.deployment_recording import Ending, Opening, open_of, put_deployments
from ci_steps.dictionary.effects import Effect
from ci_steps.model import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ci_steps.catalog.findings import Catalog
    from ci_steps.catalog.importing_releases import Taken

BY = "catalog import"

# A slot of a service in an environment, the two by their numbers.
_Slot = tuple[int, int, str]


def record_deployments(
    connection: Connection,
    catalog: Catalog,
    taken: Sequence[Taken],
    environments: Mapping[str, int],
    now: datetime,
) -> list[Effect]:
    """Record where releases run, in *environments* by their numbers; return what became of each.

    Cost: six statements, however many there are.
    """
    running = open_of(connection, {one.recorded.service for one in taken})
    plan = _Plan(catalog, {_slot(row): row for row in running})
    for one in taken:
        for opening in _openings(one, environments, now):
            plan.take(one, opening)
    over = plan.over()
    ended = [Ending(row, now) for row in (*plan.ended, *over)]
    put_deployments(connection, running, ended, plan.opening)
    return [*plan.effects, *[Effect.CHANGED] * len(over)]


def _openings(one: Taken, environments: Mapping[str, int], now: datetime) -> Iterator[Opening]:
    release = one.release
    for name, slot in one.listed.runs:
        deployment = Deployment(
            release.service,
            release.version,
            release.commit,
            name,
            slot or release.version.line,
            now,
            by=BY,
        )
        yield Opening(deployment, environments[name], one.recorded)


@dataclass
class _Plan:
    """What will end and begin where something is *running*, and the slots that files speak of."""

    catalog: Catalog
    running: Mapping[_Slot, Row[Any]]
    ended: list[Row[Any]] = field(default_factory=list)
    opening: list[Opening] = field(default_factory=list)
    spoken_of: set[_Slot] = field(default_factory=set)
    effects: list[Effect] = field(default_factory=list)

    def take(self, one: Taken, wanted: Opening) -> None:
        """Take in where a release runs."""
        slot = (*wanted.place, wanted.deployment.slot)
        self.spoken_of.add(slot)
        self.effects.append(self._effect(one, wanted, self.running.get(slot)))

    def over(self) -> list[Row[Any]]:
        """Return what an earlier import said of services of which the files say other slots."""
        services = {service for service, _, _ in self.spoken_of}
        return [
            row
            for slot, row in self.running.items()
            if row.by == BY and row.service_id in services and slot not in self.spoken_of
        ]

    def _effect(self, one: Taken, wanted: Opening, here: Row[Any] | None) -> Effect:
        if here is None:
            self.opening.append(wanted)
            return Effect.ADDED
        if here.release_id != one.recorded.number:
            if here.by != BY:
                self._note_other(one, wanted.deployment)
                return Effect.UNCHANGED
        elif one.recorded.effect is Effect.UNCHANGED:
            return Effect.UNCHANGED
        else:
            # What a deployment needs is kept with it: other needs are another deployment.
            same = {name: getattr(here, name) for name in ("address", "digest", "by", "url")}
            wanted = wanted._replace(deployment=replace(wanted.deployment, **same))
        self.ended.append(here)
        self.opening.append(wanted)
        return Effect.CHANGED

    def _note_other(self, one: Taken, wanted: Deployment) -> None:
        self.catalog.note(
            one.place,
            f"something else of {wanted.service} than {wanted.version} was deployed to "
            f"{wanted.environment}, slot {wanted.slot}: left as it is",
        )


def _slot(row: Row[Any]) -> _Slot:
    return row.service_id, row.environment_id, row.slot
