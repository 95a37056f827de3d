"""`ci-steps doctor`: what is missing, for which step, and how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.running.carrying_out import load
from ci_steps.cli.running.runs import selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.diagnosis import Finding

_SOMETHING, _OUTSIDE = 1, 3


@click.command()
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@click.option(
    "--online",
    is_flag=True,
    help="Ask mail servers and Slack as well, with the passwords given here; nothing is sent.",
)
@shell.plan_options
@shell.json_option
def doctor(steps: tuple[str, ...], *, online: bool, as_json: bool, **build: str) -> int:
    """Say what is missing here, for which step, and how to get it.

    Looked for are the programs of the commands, an engine for images, secrets by their names, the
    dictionary and the clock. STEP is written as in the pipeline; without one, all of it is meant.
    Nothing is touched. Exit status 0 if nothing is missing, 1 if something is, 3 if the
    dictionary, or with --online a receiver of messages, does not answer.

    Example: ci-steps doctor 'deploy staging'
    """
    from ci_steps.diagnosis import MISSING, examine

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    plan = load(outside, build)
    chosen = selected(plan.steps, steps, None, None)
    found = examine(plan, chosen, outside, online=online)
    missing = [one for one in found if one.status == MISSING]
    if as_json:
        console.answer(_document(found, well=not missing))
    else:
        _show(found)
    if any(one.outside for one in missing):
        return _OUTSIDE
    return _SOMETHING if missing else 0


def _document(found: Sequence[Finding], *, well: bool) -> dict[str, object]:
    findings = [
        {
            "what": one.what,
            "status": one.status,
            "text": one.text,
            "needed_by": list(one.needed_by),
            "hint": one.hint,
        }
        for one in found
    ]
    return {"schema": "ci-steps/doctor/1", "well": well, "findings": findings}


def _show(found: Sequence[Finding]) -> None:
    from ci_steps.model import Table

    console = shell.console_of(None)
    rows = tuple((one.status, one.what, ", ".join(one.needed_by), one.text) for one in found)
    console.table(Table(("status", "what", "needed by", "found"), rows), result=True)
    for one in found:
        if one.hint:
            console.result(f"{one.what}: {one.hint}")
