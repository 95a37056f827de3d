"""`run` and `rehearse`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.running.carrying_out import carry_out
from ci_steps.cli.running.run_options import (
    again_option,
    override_options,
    overrides_of,
    quiet_option,
    selection_options,
)
from ci_steps.errors import UsageError
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.config.plan import PlannedStep


@click.command()
@selection_options
@again_option
@override_options
@quiet_option
@shell.plan_options
@shell.json_option
def run(
    only_step: tuple[str, ...],
    from_step: str | None,
    until_step: str | None,
    overridden: tuple[str, ...],
    reason: str,
    *,
    again: bool,
    as_json: bool,
    quiet: bool,
    **build: str,
) -> int:
    """Run the pipeline of the service in this folder.

    Tests that have passed for just this commit, version, image and options are not run again:
    after a failure the same command goes on where it stopped. STEP is written as in the
    pipeline: unit-test, "deploy staging"; a step named by --only always runs.

    Example: ci-steps run --until 'integration-test staging'
    """
    return carry_out(
        as_json=as_json,
        quiet=quiet,
        build=build,
        overrides=overrides_of(overridden, reason),
        choose=lambda plan: selected(plan.steps, only_step, from_step, until_step),
        resume=not (again or only_step),
    )


@click.command()
@selection_options
@again_option
@click.option(
    "--pull-request",
    is_flag=True,
    help="Only what this version would mean to others; the dictionary is read, not copied.",
)
@click.option(
    "--markdown",
    "as_markdown",
    is_flag=True,
    help="That as Markdown, for a comment or the page of a job.",
)
@click.option(
    "--comment",
    "as_comment",
    is_flag=True,
    help="That as one comment under the pull request, updated each time, and on the job's page.",
)
@override_options
@shell.plan_options
@shell.json_option
def rehearse(
    only_step: tuple[str, ...],
    from_step: str | None,
    until_step: str | None,
    overridden: tuple[str, ...],
    reason: str,
    *,
    again: bool,
    pull_request: bool,
    as_markdown: bool,
    as_comment: bool,
    as_json: bool,
    **build: str,
) -> int:
    """Visit every step of the run and touch nothing.

    The configuration and the dictionary are the real ones and are only read. Shown are the
    commands that would run, the gates, and the exact messages that owners would get.

    Example, in the job of a pull request: ci-steps rehearse --markdown
    """
    if pull_request or as_markdown or as_comment:
        from ci_steps.cli.running.pull_request import answer_pull_request

        _refuse_choices(only_step, from_step, until_step, overridden)
        return answer_pull_request(
            build, as_json=as_json, as_markdown=as_markdown, as_comment=as_comment
        )
    return carry_out(
        as_json=as_json,
        build=build,
        overrides=overrides_of(overridden, reason),
        choose=lambda plan: selected(plan.steps, only_step, from_step, until_step),
        resume=not (again or only_step),
        rehearsing=True,
    )


def _refuse_choices(*chosen: object) -> None:
    if any(chosen):
        raise UsageError(
            "--pull-request, --markdown and --comment visit no step",
            hint="Leave out --only, --from, --until and --override, or rehearse without them.",
        )


def selected(
    steps: tuple[PlannedStep, ...], only: tuple[str, ...], first: str | None, last: str | None
) -> tuple[PlannedStep, ...]:
    """Return the steps that were asked for, in the order of the pipeline."""
    if only and (first or last):
        raise UsageError("--only goes without --from and --until")
    titles = [step.title for step in steps]
    for name in (*only, *filter(None, (first, last))):
        _known_step(name, titles)
    if only:
        return tuple(step for step in steps if step.title in only)
    begin = titles.index(first) if first else 0
    end = titles.index(last) if last else len(titles) - 1
    if begin > end:
        raise UsageError(f"--from {first} comes after --until {last} in the pipeline")
    return steps[begin : end + 1]


def _known_step(name: str, titles: list[str]) -> None:
    if name not in titles:
        text = f"no step {name!r} in the pipeline{did_you_mean(name, titles)}"
        raise UsageError(text, hint="A step with an environment is quoted: 'deploy staging'.")
