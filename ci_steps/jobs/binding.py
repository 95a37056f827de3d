"""Plan + world -> Job: the plugs that the configuration names are bound to what steps ask for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps import registry
from ci_steps.bumps import judge_bump
from ci_steps.commits import folder_in_repository, message_of
from ci_steps.config.plan import Plan, PlannedEnvironment, PlannedStep
from ci_steps.config.retirement import rules_of
from ci_steps.console import Console
from ci_steps.errors import DictionaryError, UsageError
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.finder import Finder
from ci_steps.jobs.narrowing import narrow_known
from ci_steps.jobs.own_contract import OwnContract
from ci_steps.jobs.own_uses import OwnUses
from ci_steps.model import Deployment, Evidence, Release, Service
from ci_steps.outside import Outside
from ci_steps.protocols import (
    Announced,
    Build,
    Facts,
    Host,
    Job,
    Overridden,
    Place,
    Placement,
    Sent,
    Traffic,
)
from ci_steps.versions import Bump

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.notices.terms import Terms
    from ci_steps.usage import Usage, UsageQuestion


@dataclass(frozen=True)
class World:
    """Everything around a plan: where it runs and what it writes to."""

    outside: Outside
    console: Console
    host: Host
    facts: Facts
    dictionary: Dictionary
    ask: Callable[[str], str] = lambda question: ""

    def shown(self, evidence: Evidence) -> Evidence:
        """Return evidence without the secrets that a program or a person may have written."""
        if evidence.kind == "container-build":
            return evidence  # its text is what the image is called
        text, reason = map(self.console.masked, (evidence.text, evidence.reason))
        return replace(evidence, text=text, reason=reason)


def _digest(options: Any) -> str:
    content = json.dumps(attrs.asdict(options), sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass
class Jobs:
    """Makes the job of each step of one run."""

    plan: Plan
    world: World
    overrides: Mapping[str, str] = field(default_factory=dict)
    finder: Finder = field(init=False)
    contract: OwnContract = field(init=False)
    uses: OwnUses = field(init=False)

    def __post_init__(self) -> None:
        """Share one finder between the steps of a run."""
        options = self.plan.step("version-check").options
        world = self.world
        self.finder = Finder(
            self.plan.probes, world.outside, world.dictionary, options.timeout_seconds
        )
        self._formats = Formats(world.outside, self.plan.formats)
        self.contract = OwnContract(
            self.plan.root, self.plan.contract, self._formats, world.dictionary
        )
        self.uses = OwnUses(self.plan.file, self.plan.uses)

    def keep_observations(self) -> None:
        """Keep what answered while a step asked; where that cannot be, the step has not failed."""
        try:
            self.finder.keep_observations()
        except DictionaryError as error:
            self.world.console.warning(f"what was observed is not kept: {error}")

    def job(self, step: PlannedStep) -> Job:
        """Return the job of *step*."""
        plan, world = self.plan, self.world
        planned = plan.environments.get(step.environment)
        return Job(
            service=plan.service,
            owner=plan.owner,
            version=plan.version,
            commit=plan.commit,
            root=plan.root,
            requirements=plan.requirements,
            outside=world.outside,
            dictionary=world.dictionary,
            progress=world.console,
            find=self.finder,
            environments=tuple(one.environment for one in plan.environments.values()),
            environment=planned.environment if planned else None,
            after=planned.after if planned else (),
            approval=planned.approval if planned else "never",
            contract=self.contract,
            uses=self.uses,
            database=plan.database,
            narrow=self._narrow,
            by=world.facts.actor,
            url=world.facts.url,
            overrides=self.overrides,
            options_digest=_digest(step.options),
            builders=registry.BUILDERS,
            deploy=self._deploy(planned) if planned else None,
            record=self._record(planned) if planned else None,
            keep_overridden=self._keep_overridden,
            traffic=self._traffic(planned) if planned else None,
            move_line=self._move_line,
            send=self._send,
            observe=self._observe(),
            retirement=rules_of(plan.retirement),
            tests_failed=partial(self._tests_failed, step.environment),
            tests_passed=partial(self._tests_passed, step.environment),
            ask=world.ask,
            meanwhile=lambda: world.dictionary.engine,
        )

    def _observe(self) -> Callable[[UsageQuestion], Usage]:
        from ci_steps.lifecycle.observing import observer

        sources = ((one.module, one.options) for one in self.plan.usages)
        return observer(sources, self.world.outside)

    def _deploy(self, planned: PlannedEnvironment) -> Callable[[Build, Place], Placement]:
        def deploy(build: Build, place: Place) -> Placement:
            from ci_steps.dictionary.deploying import only_job

            world, target = self.world, planned.target
            try:
                with only_job(world.dictionary.engine, build.service, place.environment):
                    placed: Placement = target.module.deploy(
                        build, place, target.options, world.outside, world.console
                    )
            finally:
                self.finder.forget()
            return placed

        return deploy

    def _traffic(self, planned: PlannedEnvironment) -> Traffic | None:
        balancer, outside = planned.balancer, self.world.outside
        if balancer is None:
            return None
        all_or_none = getattr(balancer.module, "moves_all_or_none", lambda options: False)
        return Traffic(
            lambda lines: balancer.module.shares(lines, balancer.options, outside),
            lambda lines, wanted: balancer.module.shift(lines, wanted, balancer.options, outside),
            moves_all_or_none=all_or_none(balancer.options),
        )

    def _move_line(self, build: Build) -> str:
        from ci_steps.names import line_tags

        options = self.plan.step("container-build").options
        if not line_tags.is_wanted(options):
            return ""
        return line_tags.move_line(build, options, self.world.outside)

    def _record(
        self, planned: PlannedEnvironment
    ) -> Callable[[Deployment, Sequence[Overridden]], Announced]:
        def record(deployment: Deployment, overridden: Sequence[Overridden]) -> Announced:
            shown = self._shown(overridden)
            plan, dictionary = self.plan, self.world.dictionary
            dictionary.record_service(Service(plan.service, plan.owner, plan.repository))
            dictionary.record_environment(planned.environment)
            self._narrow()
            announced = dictionary.record_deployment(
                self._release(),
                deployment,
                production=planned.environment.production,
                evidence=[one.evidence for one in shown],
                also=lambda connection: self._tell(connection, planned, deployment, shown),
            )
            self.finder.forget()
            return announced or Announced("")

        return record

    def _shown(self, overridden: Sequence[Overridden]) -> tuple[Overridden, ...]:
        return tuple(replace(one, evidence=self.world.shown(one.evidence)) for one in overridden)

    def _keep_overridden(self, overridden: Sequence[Overridden]) -> None:
        """Keep and tell which gates were passed, where no deployment is recorded with them."""
        from ci_steps.dictionary import recording

        shown = self._shown(overridden)
        if shown:
            with self.world.dictionary.writing() as connection:
                recording.record_evidence(connection, *(one.evidence for one in shown))
                self._tell_overridden(connection, shown)

    def _tell(
        self,
        connection: Connection,
        planned: PlannedEnvironment,
        deployment: Deployment,
        overridden: Sequence[Overridden],
    ) -> Announced:
        """Write who must move and who hears of passed gates, with the deployment."""
        announced = self._oblige(connection, planned, deployment, overridden)
        self._tell_overridden(
            connection, overridden, [one.dependent for one in announced.obligations]
        )
        return announced

    def _tell_overridden(
        self,
        connection: Connection,
        overridden: Sequence[Overridden],
        knowing: Sequence[str] = (),
    ) -> None:
        from ci_steps.notices.overriding import tell_overridden

        world = self.world
        tell_overridden(
            connection,
            overridden,
            channels=tuple(channel.name for channel in self.plan.channels),
            at=world.outside.now(),
            url=world.facts.url,
            knowing=knowing,
        )

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

    def _narrow(self) -> None:
        """Learn which changes touch whom: of this service, and of those that it uses."""
        plan, dictionary = self.plan, self.world.dictionary
        self._is_compatible()  # the contract is compared by now, if it can be
        narrow_known(dictionary, self._formats, plan.service, contract=self.contract.digest)
        for provider in self.uses.read:
            narrow_known(dictionary, self._formats, provider, uses=self.uses.read[provider])

    def _oblige(
        self,
        connection: Connection,
        planned: PlannedEnvironment,
        deployment: Deployment,
        overridden: Sequence[Overridden],
    ) -> Announced:
        """Write who must move and who is told, in the transaction of the deployment."""
        from ci_steps.dictionary import drift
        from ci_steps.notices import dependents, obligations, schedule

        plan, place = self.plan, deployment.environment
        drift.observe_deployment(connection, deployment)
        self.contract.keep(connection)
        self.uses.keep(connection)
        obligations.resolve(connection, plan.service, plan.requirements, place, deployment.at)
        if not planned.environment.production:
            return Announced("")
        self._acknowledge(connection, deployment.at)
        if self._is_compatible():
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
        from ci_steps.notices.acknowledgements import acknowledge, trailers

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
        from ci_steps.notices.overriding import said as said_of
        from ci_steps.notices.terms import Terms, filled

        plan, before = self.plan, self._before()
        said = plan.notifying.terms if plan.notifying else Terms()
        old = str(before.version) if before else ""
        known = replace(
            said,
            before=old,
            overridden=said_of(overridden),
            is_irreversible=plan.database is not None,
        )
        return filled(known, plan.service, plan.version)

    def _is_compatible(self) -> bool:
        """Return whether a version that may break is known not to: its contract is the same."""
        judged = judge_bump(self.plan.version, self._before(), self.contract)
        return judged.bump is Bump.MAY_BREAK and not judged.breaking

    def _before(self) -> Release | None:
        """Return the last final release before this version."""
        version = self.plan.version
        older = (
            release
            for release in self.world.dictionary.releases(self.plan.service)
            if release.final
            and release.version.scheme == version.scheme
            and release.version < version
        )
        return next(older, None)

    def _send(self, budget_seconds: float) -> Sent:
        from ci_steps.config.manner import manner_of
        from ci_steps.notices import heartbeat, outbox
        from ci_steps.notices.presenting import in_manner
        from ci_steps.notices.time_zones import unknown_time_zones

        world = self.world
        named = {one.name: (one.module, one.options) for one in self.plan.channels}
        manner = manner_of(self.plan.notify, self.plan.notifying)
        channels = in_manner(named, manner)
        shown: tuple[str, ...] = ()
        if world.outside.rehearsing:
            with world.dictionary.reading() as connection:
                shown = tuple(one.text for one in outbox.previews(connection, channels))
        sent = outbox.send(
            world.dictionary,
            channels,
            world.outside,
            budget_seconds=budget_seconds,
            catch_all=self.plan.notify.catch_all,
        )
        with world.dictionary.reading() as connection:
            silence = heartbeat.silence(connection, world.outside.now())
            wrong = (*manner.problems, *unknown_time_zones(connection))
        return replace(sent, previews=shown, warnings=(*wrong, *filter(None, (silence,))))

    def _tests_failed(self, environment: str, text: str) -> None:
        """Keep that tests fail on the way to a new version; others wait for it."""
        before = self._before()
        if before is None:
            return
        from ci_steps.notices import failing_tests

        plan, world = self.plan, self.world
        summary, *failures = world.console.masked(text).split("\n")
        with world.dictionary.writing() as connection:
            failing_tests.tests_failed(
                connection,
                plan.service,
                plan.version,
                before.version,
                failures or [summary],
                environment=environment,
                channels=tuple(one.name for one in plan.channels),
                at=world.outside.now(),
                url=world.facts.url,
            )

    def _tests_passed(self, environment: str) -> None:
        """Tell those who heard of failing tests of this version that they pass again."""
        from ci_steps.notices import failing_tests

        plan, world = self.plan, self.world
        about = (plan.service, plan.version, environment)
        with world.dictionary.reading() as connection:
            if not failing_tests.are_known(connection, *about):
                return
        now = world.outside.now()
        with world.dictionary.writing() as connection:
            failing_tests.tests_passed(connection, *about, now)
