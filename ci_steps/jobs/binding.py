"""Plan + world -> Job: the plugs that the configuration names are bound to what steps ask for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps import registry
from ci_steps.config.plan import Plan, PlannedEnvironment, PlannedStep
from ci_steps.config.retirement import rules_of
from ci_steps.errors import DictionaryError
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.finder import Finder
from ci_steps.jobs.own_contract import OwnContract
from ci_steps.jobs.own_uses import OwnUses
from ci_steps.jobs.recording import Recording
from ci_steps.jobs.telling import send, tests_failed, tests_passed
from ci_steps.jobs.world import World
from ci_steps.protocols import (
    Build,
    Job,
    Place,
    Placement,
    Traffic,
)

if TYPE_CHECKING:
    from ci_steps.usage import Usage, UsageQuestion


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
        formats = Formats(world.outside, self.plan.formats)
        self.contract = OwnContract(self.plan.root, self.plan.contract, formats, world.dictionary)
        self.uses = OwnUses(self.plan.file, self.plan.uses)
        self._recording = Recording(
            self.plan, world, formats, self.finder, self.contract, self.uses
        )

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
            narrow=self._recording.narrow,
            by=world.facts.actor,
            url=world.facts.url,
            overrides=self.overrides,
            options_digest=_digest(step.options),
            builders=registry.BUILDERS,
            deploy=self._deploy(planned) if planned else None,
            record=self._recording.record(planned) if planned else None,
            keep_overridden=self._recording.keep_overridden,
            traffic=self._traffic(planned) if planned else None,
            move_line=self._move_line,
            send=partial(send, plan, world),
            observe=self._observe(),
            retirement=rules_of(plan.retirement),
            tests_failed=partial(tests_failed, plan, world, step.environment),
            tests_passed=partial(tests_passed, plan, world, step.environment),
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
