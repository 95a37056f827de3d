"""`run`, `rehearse` and `plan`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.errors import UsageError
from ci_steps.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.config import Flags
    from ci_steps.config.plan import Plan, PlannedStep
    from ci_steps.outside import Outside


def override_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--override`` and ``--reason``."""
    gates = "commit, unit-test, version-check, integration-test, approval, dependencies, dependents"
    gates += ", or may-deploy for the last two"
    command = click.option(
        "--reason", default="", help="Why a gate is overridden; it is kept with the release."
    )(command)
    return click.option(
        "--override", "overridden", multiple=True, metavar="GATE", help=f"Pass a gate: {gates}."
    )(command)


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--quiet``."""
    return click.option(
        "--quiet", is_flag=True, help="One line for each step; not what the steps print."
    )(command)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--only``, ``--from`` and ``--until``."""
    for name, text in (
        ("--until", "Stop after this step."),
        ("--from", "Begin with this step."),
        ("--only", "Run this step alone; may be given again."),
    ):
        variable = name.strip("-") + "_step"
        command = click.option(
            name, variable, multiple=name == "--only", metavar="STEP", default=None, help=text
        )(command)
    return command


def again_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--again``."""
    return click.option(
        "--again/--no-again", help="Run also what was proven before for just this build."
    )(command)


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
        from ci_steps.cli.pull_request import answer_pull_request

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


@click.command()
@shell.plan_options
@shell.json_option
def plan(*, as_json: bool, **build: str) -> int:
    """Show the steps a run would take, with their options."""
    from ci_steps.cli.plans import plan_document, plan_table

    console = shell.console_of(as_json)
    loaded = load(shell.outside_of(console), build)
    if as_json:
        console.answer(plan_document(loaded))
    else:
        console.result(f"{loaded.service} {loaded.version} (from {loaded.version_origin})")
        console.table(plan_table(loaded), result=True)
    return 0


def carry_out(
    *,
    as_json: bool,
    quiet: bool = False,
    build: Mapping[str, str],
    choose: Callable[[Plan], tuple[PlannedStep, ...]],
    overrides: Mapping[str, str] | None = None,
    resume: bool = False,
    rehearsing: bool = False,
    flags: Flags | None = None,
) -> int:
    """Load the plan, run the chosen steps in the world, and say what came of it."""
    from ci_steps import pipeline
    from ci_steps.jobs import World

    console = shell.console_of(as_json or quiet)
    outside = _world_outside(console, rehearsing=rehearsing)
    host = shell.host_of(outside, console)
    loaded = load(outside, build, flags)
    chosen = choose(loaded)
    with shell.opened_when_asked(outside, loaded.dictionary) as dictionary:
        world = World(
            outside, console, host, host.facts(outside.environ), dictionary, shell.ask_of(console)
        )
        how = pipeline.How(overrides or {}, resume=resume, again=_again(loaded, chosen))
        report = pipeline.run(loaded, chosen, world, how)
    if as_json:
        console.answer(report.document())
    elif len(chosen) > 1:
        console.last_line(report.last_line)
    return report.exit_code


def _again(plan: Plan, chosen: tuple[PlannedStep, ...]) -> str:
    """Return what a person types after a failure; what was proven is not run again."""
    return "ci-steps run" if chosen == plan.steps else ""


def load(outside: Outside, build: Mapping[str, str], flags: Flags | None = None) -> Plan:
    """Return the plan for what the command line says about the build."""
    from ci_steps import config

    return config.load(outside, flags_of(build, flags))


def flags_of(build: Mapping[str, str], flags: Flags | None = None) -> Flags:
    """Return what the command line says about the build, beside the options of a step."""
    from dataclasses import replace

    from ci_steps import config

    return replace(
        flags or config.Flags(),
        config=build["config"],
        version=build["build_version"],
        commit=build["commit"],
        dictionary=build["dictionary"],
    )


def overrides_of(gates: tuple[str, ...], reason: str) -> dict[str, str]:
    """Return the gates that are passed on purpose, each with the reason."""
    from ci_steps.gates import OVERRIDABLE, overridable

    for gate in gates:
        if gate not in OVERRIDABLE:
            raise UsageError(f"unknown gate {gate!r}{did_you_mean(gate, OVERRIDABLE)}")
    if gates and not reason.strip():
        raise UsageError(
            f"--override {gates[0]} needs a reason", hint="Say why with --reason; it is recorded."
        )
    if reason and not gates:
        raise UsageError("--reason is for --override", hint="Name the gate: --override unit-test.")
    return dict.fromkeys(overridable(gates), reason.strip())


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


def _world_outside(console: Any, *, rehearsing: bool) -> Outside:
    if not rehearsing:
        return shell.outside_of(console)
    from ci_steps.rehearsal import inert_world

    return inert_world(console)
