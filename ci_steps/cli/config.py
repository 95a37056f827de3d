"""`ci-steps config`: check and explain what people wrote."""

from __future__ import annotations

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import CommandGroup
from ci_steps.cli.running.carrying_out import flags_of, load
from ci_steps.errors import ConfigError


@click.group(cls=CommandGroup)
def group() -> None:
    """Check and explain ci-steps.yaml."""


@group.command()
@shell.plan_options
@shell.json_option
def check(*, as_json: bool, **build: str) -> int:
    """Check the file, the organisation's defaults and the environment; report every problem.

    Example: ci-steps config check
    """
    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    try:
        plan = load(outside, build)
    except ConfigError as error:
        if not as_json:
            raise
        shell.annotate(error)
        problems = [vars(problem) for problem in error.problems]
        console.answer({"schema": "ci-steps/check/1", "valid": False, "problems": problems})
        return error.exit_code
    if as_json:
        console.answer({"schema": "ci-steps/check/1", "valid": True, "problems": []})
    else:
        console.result(f"{plan.file.name}: nothing wrong, {len(plan.steps)} steps")
    return 0


@group.command()
@shell.plan_options
@shell.json_option
def explain(*, as_json: bool, **build: str) -> None:
    """Show every value and where it came from: file and line, environment, flag or default.

    Example: ci-steps config explain
    """
    from ci_steps import config
    from ci_steps.config.explain import explained, explained_table

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    plan, layers = config.load_with_layers(outside, flags_of(build))
    rows = explained(layers, plan)
    if as_json:
        values = [{"key": row.key, "value": row.value, "from": row.origin} for row in rows]
        console.answer({"schema": "ci-steps/explanation/1", "values": values})
    else:
        console.table(explained_table(rows), result=True)


@group.command()
def schema() -> None:
    """Print the JSON Schema of ci-steps.yaml, for editors that complete with it.

    Example: ci-steps config schema > ci-steps.schema.json
    """
    from ci_steps.config.schema import schema as schema_of_file

    shell.console_of(None).answer(schema_of_file())
