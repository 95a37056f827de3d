"""Plan -> run -> report: the steps in their order, what each of them left, and the end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ci_steps import registry
from ci_steps.config.plan import Plan, PlannedStep
from ci_steps.errors import CiStepsError
from ci_steps.jobs import Jobs, World
from ci_steps.model import Status, StepResult, skipped
from ci_steps.options import options_of
from ci_steps.report import Ran, Report
from ci_steps.summary import summary

OUTPUTS = ".ci-steps/outputs"


def run(
    plan: Plan,
    steps: Sequence[PlannedStep],
    world: World,
    overrides: Mapping[str, str] | None = None,
) -> Report:
    """Run *steps* one after the other; after a failure the rest is skipped and said."""
    hide_secrets(plan, world)
    jobs = Jobs(plan, world, overrides or {})
    ran: list[Ran] = []
    failed = ""
    for step in steps:
        if failed:
            one = Ran(step, skipped(f"{failed} failed"), 0.0)
        else:
            one = _visit(step, jobs)
            failed = step.title if one.result.failed else ""
        ran.append(one)
        _show(one, plan, world)
    report = Report(plan.service, str(plan.version), plan.commit, tuple(ran))
    outputs = {key: world.console.masked(text) for key, text in report.outputs.items()}
    world.host.hand_over(outputs, world.console.masked(summary(report)), world.outside)
    return report


def hide_secrets(plan: Plan, world: World) -> None:
    """Mask every secret that an option names, before anything is written."""
    plugs = [*plan.channels, *(one.target for one in plan.environments.values())]
    options = [step.options for step in plan.steps] + [plug.options for plug in plugs]
    for one in options:
        for option in options_of(type(one)):
            for name in _variables_of(option.key, getattr(one, option.key)):
                world.console.mask(world.outside.environ.get(name, ""))


def _variables_of(key: str, value: Any) -> tuple[str, ...]:
    """Return the environment variables with secrets that an option names."""
    if key.endswith("_env"):
        return (value or "",)
    return tuple(value) if key == "secrets" else ()


def _visit(step: PlannedStep, jobs: Jobs) -> Ran:
    """Run one step and keep what it proved; an error of the world is a failure of the step."""
    world = jobs.world
    began = world.outside.seconds()
    with _group(step, world):
        try:
            result = registry.STEPS[step.name].run(jobs.job(step), step.options)
            if result.evidence:
                world.dictionary.record_evidence(*result.evidence)
        except CiStepsError as error:
            result = StepResult(
                Status.FAILED, str(error), hint=error.hint, exit_code=error.exit_code
            )
        jobs.keep_observations()
    ran = Ran(step, result, world.outside.seconds() - began)
    _keep_outputs(ran, jobs.plan, world)
    return ran


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
    for mark in one.result.marks:
        file = os.path.relpath(plan.root / mark.file)
        text = world.console.masked(mark.text)
        world.console.raw(world.host.annotation(mark.level, text, file, mark.line))


def _keep_outputs(ran: Ran, plan: Plan, world: World) -> None:
    """Write what a later step on another agent may read, whole or not at all."""
    name = ran.step.title.replace(" ", "-")
    content = json.dumps(world.console.masked_document(ran.document()), indent=2)
    world.outside.write(plan.root / OUTPUTS / f"{name}.json", f"{content}\n".encode())
