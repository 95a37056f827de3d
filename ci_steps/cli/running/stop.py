"""`ci-steps stop`: end what runs for a service in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.running.carrying_out import load
from ci_steps.protocols import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.config.plan import Plan
    from ci_steps.console import Console
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside


@click.command()
@click.argument("environment", metavar="ENVIRONMENT")
@click.option("--slot", default="", help="Only this instance place, such as the line 1.")
@click.option("--quiet", is_flag=True, help="Say nothing.")
@shell.plan_options
def stop(environment: str, slot: str, *, quiet: bool, **build: str) -> None:
    """Stop what runs for the service in ENVIRONMENT, and record that it has ended.

    What others were asked to do stays as it is: a service that rests has not moved.

    Example: ci-steps stop staging
    """
    console = shell.console_of(quiet)
    outside = shell.outside_of(console)
    plan = load(outside, build)
    plan.known_step("deploy", environment)
    with shell.opened(outside, plan.dictionary) as dictionary:
        stopped = _stop(plan, environment, slot, outside, dictionary)
    _say(stopped, plan, environment, console, quiet=quiet)


def _stop(
    plan: Plan, environment: str, slot: str, outside: Outside, dictionary: Dictionary
) -> list[str]:
    target = plan.environments[environment].target
    stopped = []
    for live in dictionary.live(environment, plan.service):
        if slot and live.slot != slot:
            continue
        place = Place(environment, live.slot)
        target.module.stop(plan.service, place, target.options, outside)
        dictionary.end_deployment(live, outside.now())
        stopped.append(f"{live.version} in slot {live.slot}")
    for place in _responders(plan, environment, slot, dictionary):
        target.module.stop(plan.service, place, target.options, outside)
        stopped.append(f"what answers 410 in slot {place.slot}")
    return stopped


def _responders(plan: Plan, environment: str, slot: str, dictionary: Dictionary) -> Iterator[Place]:
    """Yield the places of lines that are gone, where our responder stands."""
    from ci_steps.lifecycle.ledger import gone_lines

    if plan.environments[environment].target.name != "process":
        return
    live = {one.slot for one in dictionary.live(environment, plan.service)}
    gone = gone_lines(dictionary, plan.service, environment)
    slots = {one.slot for one in dictionary.history(plan.service) if one.version.line in gone}
    for name in sorted(slots - live):
        if slot in ("", name):
            yield Place(environment, name)


def _say(
    stopped: list[str], plan: Plan, environment: str, console: Console, *, quiet: bool
) -> None:
    if quiet:
        return
    what = ", ".join(stopped) or "nothing ran"
    console.result(f"{plan.service} in {environment}: {what}")
