"""What the commands of steps share: the file is read, the world is opened, steps are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ci_steps.cli import shell
from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from ci_steps.config import Flags
    from ci_steps.config.plan import Plan, PlannedStep
    from ci_steps.console import Console
    from ci_steps.outside import Outside


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
    from ci_steps.jobs.world import World

    console = shell.console_of(as_json or quiet)
    outside = _world_outside(console, rehearsing=rehearsing)
    host = shell.host_of(outside, console)
    loaded = load(outside, build, flags)
    chosen = choose(loaded)
    facts = host.facts(outside.environ)
    if overrides and not (facts.actor or facts.url):
        raise UsageError(
            f"nobody knows who passes the gate {next(iter(overrides))}, and that is kept",
            hint="Say who you are in the variable USER.",
        )
    if facts.is_disposable and not rehearsing:
        _warn_of_forgetting(loaded, outside, console)
    with shell.opened_when_asked(outside, loaded.dictionary) as dictionary:
        world = World(outside, console, host, facts, dictionary, shell.ask_of(console))
        how = pipeline.How(overrides or {}, resume=resume, again=_again(loaded, chosen))
        report = pipeline.run(loaded, chosen, world, how)
    if as_json:
        console.answer(report.document())
    elif len(chosen) > 1:
        console.last_line(report.last_line)
    return report.exit_code


def _warn_of_forgetting(plan: Plan, outside: Outside, console: Console) -> None:
    from ci_steps.config.dictionary_place import usual_place

    if plan.dictionary == usual_place(outside):
        console.warning(
            "no dictionary is named, so what is proven here is forgotten when the job ends: "
            "name one that all jobs reach in CI_STEPS_DICTIONARY"
        )


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


def _world_outside(console: Any, *, rehearsing: bool) -> Outside:
    if not rehearsing:
        return shell.outside_of(console)
    from ci_steps.rehearsal import inert_world

    return inert_world(console)
