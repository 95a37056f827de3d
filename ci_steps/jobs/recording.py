"""Recording a deployment, and in the same transaction whom it obliges and who is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.commits import folder_in_repository, message_of
from ci_steps.config.plan import Plan, PlannedEnvironment
from ci_steps.errors import UsageError
from ci_steps.jobs.before import is_compatible, release_before
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.finder import Finder
from ci_steps.jobs.narrowing import narrow_known
from ci_steps.jobs.own_contract import OwnContract
from ci_steps.jobs.own_uses import OwnUses
from ci_steps.jobs.telling import tell_passed_gates
from ci_steps.jobs.world import World
from ci_steps.model import Deployment, Release, Service
from ci_steps.protocols import Announced, Overridden

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.notices.moving.terms import Terms


@dataclass(frozen=True)
class Recording:
    """Writes what a run deployed into the dictionary."""

    plan: Plan
    world: World
    formats: Formats
    finder: Finder
    contract: OwnContract
    uses: OwnUses

    def record(
        self, planned: PlannedEnvironment
    ) -> Callable[[Deployment, Sequence[Overridden]], Announced]:
        """Return what records a deployment to an environment, and says whom it obliges."""

        def recorded(deployment: Deployment, overridden: Sequence[Overridden]) -> Announced:
            shown = self._shown(overridden)
            plan, dictionary = self.plan, self.world.dictionary
            dictionary.record_service(Service(plan.service, plan.owner, plan.repository))
            dictionary.record_environment(planned.environment)
            self.narrow()
            announced = dictionary.record_deployment(
                self._release(),
                deployment,
                production=planned.environment.production,
                evidence=[one.evidence for one in shown],
                also=lambda connection: self._tell(connection, planned, deployment, shown),
            )
            self.finder.forget()
            return announced or Announced("")

        return recorded

    def keep_overridden(self, overridden: Sequence[Overridden]) -> None:
        """Keep and tell which gates were passed, where no deployment is recorded with them."""
        from ci_steps.dictionary import recording

        shown = self._shown(overridden)
        if shown:
            with self.world.dictionary.writing() as connection:
                recording.record_evidence(connection, *(one.evidence for one in shown))
                tell_passed_gates(self.plan, self.world, connection, shown)

    def narrow(self) -> None:
        """Learn which changes touch whom: of this service, and of those that it uses."""
        plan, dictionary = self.plan, self.world.dictionary
        # The contract is compared by then, if it can be.
        is_compatible(plan, dictionary, self.contract)
        narrow_known(dictionary, self.formats, plan.service, contract=self.contract.digest)
        for provider in self.uses.read:
            narrow_known(dictionary, self.formats, provider, uses=self.uses.read[provider])

    def _shown(self, overridden: Sequence[Overridden]) -> tuple[Overridden, ...]:
        return tuple(replace(one, evidence=self.world.shown(one.evidence)) for one in overridden)

    def _tell(
        self,
        connection: Connection,
        planned: PlannedEnvironment,
        deployment: Deployment,
        overridden: Sequence[Overridden],
    ) -> Announced:
        """Write who must move and who hears of passed gates, with the deployment."""
        announced = self._oblige(connection, planned, deployment, overridden)
        knowing = [one.dependent for one in announced.obligations]
        tell_passed_gates(self.plan, self.world, connection, overridden, knowing)
        return announced

    def _release(self) -> Release:
        plan = self.plan
        folder = folder_in_repository(plan.root, self.world.outside) if plan.places else ""
        return Release(
            plan.service,
            plan.version,
            plan.commit,
            plan.requirements,
            self.contract.digest,
            uses=self.uses.digests,
            places={provider: f"{folder}{place}" for provider, place in plan.places.items()},
            database=plan.database,
        )

    def _oblige(
        self,
        connection: Connection,
        planned: PlannedEnvironment,
        deployment: Deployment,
        overridden: Sequence[Overridden],
    ) -> Announced:
        """Write who must move and who is told, in the transaction of the deployment."""
        from ci_steps.dictionary import drift
        from ci_steps.notices import schedule
        from ci_steps.notices.moving import dependents, obligations

        plan, place = self.plan, deployment.environment
        drift.observe_deployment(connection, deployment)
        self.contract.keep(connection)
        self.uses.keep(connection)
        obligations.resolve(connection, plan.service, plan.requirements, place, deployment.at)
        if not planned.environment.production:
            return Announced("")
        self._acknowledge(connection, deployment.at)
        if is_compatible(plan, self.world.dictionary, self.contract):
            return Announced("")
        if not dependents.affected(connection, plan.service, plan.version, place):
            return Announced("")
        return obligations.announce(
            connection,
            deployment,
            due=schedule.due_day(deployment.at.date(), plan.notify.grace_days),
            at=deployment.at,
            channels=tuple(channel.name for channel in plan.channels),
            url=deployment.url,
            terms=self._terms(overridden),
        )

    def _acknowledge(self, connection: Connection, at: datetime) -> None:
        """Keep what the commit says about notices to the owner of this service."""
        from ci_steps.notices.moving.acknowledgements import acknowledge, trailers

        plan, world = self.plan, self.world
        for saying in trailers(
            message_of(plan.commit, plan.root, world.outside), world.facts.actor
        ):
            if saying.reference.rpartition("/")[2] != plan.owner:
                continue
            try:
                acknowledge(connection, saying, at, plan.notify.ack_days)
            except UsageError as error:
                world.console.warning(f"Ci-Steps-Ack: {error}")

    def _terms(self, overridden: Sequence[Overridden]) -> Terms:
        """Return what this release says about itself, with the links of this version."""
        from ci_steps.notices.moving.terms import Terms, filled
        from ci_steps.notices.overriding import said as said_of

        plan = self.plan
        before = release_before(plan, self.world.dictionary)
        said = plan.notifying.terms if plan.notifying else Terms()
        old = str(before.version) if before else ""
        known = replace(
            said,
            before=old,
            overridden=said_of(overridden),
            is_irreversible=plan.database is not None,
        )
        return filled(known, plan.service, plan.version)
