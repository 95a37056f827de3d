"""Plan -> run -> report: the steps in their order, what each of them left, and the end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import chain

from ci_steps import registry
from ci_steps.config.plan import Plan, PlannedStep
from ci_steps.errors import CiStepsError, OutsideError
from ci_steps.gates.standing import standing_result
from ci_steps.jobs.binding import Jobs
from ci_steps.jobs.world import World
from ci_steps.model import Mark, Status, StepResult, skipped
from ci_steps.options import secret_names
from ci_steps.protocols import Deployed
from ci_steps.reporting import job_reports, traced
from ci_steps.reporting.report import Ran, Report
from ci_steps.reporting.summary import summary

_SENDS = "notify-owners"


@dataclass(frozen=True)
class How:
    """How steps are run: which gates are passed on purpose, and whether proof that stands counts.

    `again` is what a person types to run what is left after a failure.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    resume: bool = False
    again: str = ""


def run(plan: Plan, steps: Sequence[PlannedStep], world: World, how: How | None = None) -> Report:
    """Run *steps* one after the other; after a failure the rest is skipped and said.

    When the run resumes, a step whose proof stands for just this build is not run again.
    """
    hide_secrets(plan, world)
    outside, warn = world.outside, world.console.warning
    about = traced.of_run(plan, world.facts)
    with outside.traced(f"run {plan.service}", about, warn) as span:
        report = _run(plan, steps, world, how or How())
        problem = report.last_line if report.failure else ""
        come_to = traced.run_result(report.status, report.exit_code)
        span.tell(come_to, world.console.masked(problem))
    return report


def _run(plan: Plan, steps: Sequence[PlannedStep], world: World, how: How) -> Report:
    began = world.outside.seconds()
    jobs = Jobs(plan, world, how.overrides)
    ran: list[Ran] = []
    failed = ""
    for step in steps:
        if failed:
            one = Ran(step, skipped(f"{failed} failed"), 0.0)
        else:
            one = _visit(step, jobs, resume=how.resume)
            failed = step.title if one.result.failed else ""
        ran.append(one)
        _show(one, plan, world)
    report = Report(
        plan.service,
        str(plan.version),
        plan.commit,
        tuple(ran),
        world.outside.seconds() - began,
        world.facts,
        how.again,
    )
    _keep_report(report, plan, world)
    outputs = {key: world.console.masked(text) for key, text in report.outputs.items()}
    world.host.hand_over(outputs, world.console.masked(summary(report)), world.outside)
    if report.exit_code != OutsideError.exit_code:
        _carry_along(plan, steps, world)
    return report


def _carry_along(plan: Plan, steps: Sequence[PlannedStep], world: World) -> None:
    """Send a few overdue messages of others; what goes wrong with them is no matter of this run."""
    if not plan.notify.carry_along or world.outside.rehearsing:
        return
    if any(step.name == _SENDS for step in steps):
        return
    from ci_steps.notices.sending.carrying import carry_along

    channels = {one.name: (one.module, one.options) for one in plan.channels}
    try:
        sent = carry_along(world.dictionary, channels, world.outside, plan.notify.catch_all)
    except CiStepsError as error:
        world.console.warning(f"no message was taken along: {error}")
        return
    if sent.delivered:
        world.console.note(f"told along the way: {'; '.join(sent.delivered)}")


def hide_secrets(plan: Plan, world: World) -> None:
    """Mask every secret that an option names, before anything is written."""
    probes = chain.from_iterable(plan.probes.values())
    plugs = [*plan.channels, *probes, *(one.target for one in plan.environments.values())]
    options = [step.options for step in plan.steps] + [plug.options for plug in plugs]
    for one in options:
        for name in secret_names(one):
            if not world.console.mask(world.outside.environ.get(name, "")):
                world.console.warning(f"the secret in {name} is too short to be hidden")
    # A contact on some channels is the name of a variable that holds a secret address.
    for plug in plan.channels:
        if getattr(plug.module, "ADDRESS_IS_SECRET", False):
            for name in world.dictionary.addresses_on(plug.name):
                world.console.mask(world.outside.environ.get(name, ""))


def _visit(step: PlannedStep, jobs: Jobs, *, resume: bool) -> Ran:
    """Run one step and keep what it proved; an error of the world is a failure of the step."""
    world = jobs.world
    at, began = world.outside.now(), world.outside.seconds()
    about = traced.of_step(step)
    with _group(step, world), world.outside.trace.span(step.title, about) as span:
        try:
            result = _result(step, jobs, resume=resume)
            if result.evidence:
                shown = (world.shown(one) for one in result.evidence)
                world.dictionary.record_evidence(*shown)
        except CiStepsError as error:
            result = StepResult(
                Status.FAILED, str(error), hint=error.hint, exit_code=error.exit_code
            )
        jobs.keep_observations()
        problem = result.summary if result.failed else ""
        span.tell(traced.step_result(result), world.console.masked(problem))
    ran = Ran(step, result, world.outside.seconds() - began, at)
    _keep_outputs(ran, jobs.plan, world)
    return ran


def _result(step: PlannedStep, jobs: Jobs, *, resume: bool) -> StepResult:
    module, job = registry.STEPS[step.name], jobs.job(step)
    standing = getattr(module, "standing", None) if resume else None
    proof = standing(job) if standing else None
    return standing_result(proof) if proof else module.run(job, step.options)


def _group(step: PlannedStep, world: World) -> AbstractContextManager[None]:
    """Fold what a step prints where the host can; the fold ends however the step does."""
    opened, closed = world.host.group(step.title)
    if not opened:
        world.console.note(f"{step.title} …")
    return world.console.fold(opened, closed)


def _show(one: Ran, plan: Plan, world: World) -> None:
    for table in one.result.tables:
        if table.rows:
            world.console.table(table)
    world.console.step(one.step.title, one.result, one.seconds)
    if one.result.failed:
        text = world.console.masked(f"{one.step.title}: {one.result.summary}")
        world.console.raw(world.host.annotation("error", text))
    for warning in one.result.warnings:
        world.console.raw(world.host.annotation("warning", world.console.masked(warning)))
    marks = [_from_here(mark, plan, world) for mark in one.result.marks]
    for mark in marks:
        world.console.raw(world.host.annotation(mark.level, mark.text, mark.file, mark.line))
    if marks:
        world.host.keep_marks(marks, world.outside)
    if one.step.name == "deploy" and one.result.status in {Status.PASSED, Status.FAILED}:
        _tell_environments(one, f"{plan.service} {plan.version}", world)


def _tell_environments(one: Ran, release: str, world: World) -> None:
    """Tell the page of environments; where that cannot be, no deployment has failed."""
    text = world.console.masked(one.result.summary)
    address = one.result.outputs.get("address", "")
    ended = not one.result.failed
    place = Deployed(release, one.step.environment, address, text, ended=ended)
    try:
        world.host.deployed(place, world.outside)
    except OutsideError as error:
        world.console.warning(f"the page of environments is not told: {error}")


def _from_here(mark: Mark, plan: Plan, world: World) -> Mark:
    """Return the mark with its file as the host knows it, from the folder of the job."""
    file = os.path.relpath(plan.root / mark.file)
    return replace(mark, file=file, text=world.console.masked(mark.text))


def _keep_outputs(ran: Ran, plan: Plan, world: World) -> None:
    """Write what a later step on another agent may read, whole or not at all."""
    content = json.dumps(world.console.masked_document(ran.document()), indent=2)
    world.outside.write(plan.root / ran.outputs_file, f"{content}\n".encode())


def _keep_report(report: Report, plan: Plan, world: World) -> None:
    """Add what ran to the report of the job; where that cannot be, no step has failed."""
    try:
        job_reports.keep(world.console.masked_document(report.document()), plan.root, world.outside)
    except OutsideError as error:
        world.console.warning(f"the report of the job is not kept: {error}")
