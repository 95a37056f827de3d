"""`plan`: the steps a run would take, as a table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from ci_steps.cli import shell
from ci_steps.cli.running.carrying_out import load
from ci_steps.model import Table
from ci_steps.options import options_of

if TYPE_CHECKING:
    from ci_steps.config.plan import Plan, PlannedStep


@click.command()
@shell.plan_options
@shell.json_option
def plan(*, as_json: bool, **build: str) -> int:
    """Show the steps a run would take, with their options.

    Example: ci-steps plan
    """
    console = shell.console_of(as_json)
    loaded = load(shell.outside_of(console), build)
    if as_json:
        console.answer(plan_document(loaded))
    else:
        console.result(f"{loaded.service} {loaded.version} (from {loaded.version_origin})")
        console.table(plan_table(loaded), result=True)
    return 0


def plan_table(plan: Plan) -> Table:
    """Return the steps in their order, with the options that differ from the defaults."""
    rows = tuple(
        (step.title, _target(plan, step), _options_text(step.options)) for step in plan.steps
    )
    return Table(("step", "target", "options"), rows)


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return it as the answer of ``--json``."""
    return {
        "schema": "ci-steps/plan/1",
        "service": plan.service,
        "owner": plan.owner,
        "version": str(plan.version),
        "version_origin": plan.version_origin,
        "commit": plan.commit,
        "requirements": [requirement.written for requirement in plan.requirements],
        "dictionary": plan.dictionary,
        "steps": [
            {
                "step": step.name,
                "environment": step.environment,
                "target": _target(plan, step),
                "options": attrs.asdict(step.options),
            }
            for step in plan.steps
        ],
    }


def _target(plan: Plan, step: PlannedStep) -> str:
    planned = plan.environments.get(step.environment)
    return planned.target.name if planned and step.name == "deploy" else ""


def _options_text(options: Any) -> str:
    """Return ``key=value`` for what is not a default."""
    values = ((option, getattr(options, option.key)) for option in options_of(type(options)))
    return ", ".join(
        f"{option.key}={' '.join(value) if isinstance(value, tuple) else value}"
        for option, value in values
        if value != option.default
    )
