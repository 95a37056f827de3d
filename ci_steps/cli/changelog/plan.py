"""`ci-steps changelog plan`: what will end, when, and what to use instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.changelog.plan_desk import plan_desk
from ci_steps.cli.groups import CommandGroup

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

_KINDS = ("line", "version", "operation", "parameter", "field", "event", "dependency")


@click.group(cls=CommandGroup)
def group() -> None:
    """Announce what will end; every decision is kept, with who made it and why."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what names the item, and who decides about it."""
    for option in (
        click.option("--by", default="", help="Who decides, where it is not the actor of the job."),
        click.option("--environment", default="production", help="Where a line ends."),
        click.option("--service", default="", help="The service, where it is not this folder's."),
        click.argument("subject"),
        click.argument("kind", type=click.Choice(_KINDS)),
    ):
        command = option(command)
    return shell.json_option(shell.dictionary_option(command))


_reason = click.option("--reason", required=True, help="Why; it is kept.")


@group.command()
@click.option("--service", default="", help="The service, where it is not this folder's.")
@shell.dictionary_option
@shell.json_option
def show(service: str, dictionary: str, *, as_json: bool) -> None:
    """Show what will end, the nearest day first, and what ended or was withdrawn.

    Example: ci-steps changelog plan show --service auth
    """
    with plan_desk(service, dictionary, as_json=as_json) as desk:
        desk.answer()


@group.command()
@click.option("--on", "on", type=shell.DAY, metavar="DATE", help="The day it ends, from 00:00 UTC.")
@click.option(
    "--deprecated",
    type=shell.DAY,
    metavar="DATE",
    help="Since when nobody new uses it; now without it.",
)
@click.option("--instead", default="", help="What to use instead.")
@click.option("--migration", default="", help="What whoever uses it does.")
@_reason
@_options
def add(
    kind: str,
    subject: str,
    service: str,
    environment: str,
    by: str,
    reason: str,
    on: datetime | None,
    deprecated: datetime | None,
    instead: str,
    migration: str,
    dictionary: str,
    *,
    as_json: bool,
) -> None:
    """Announce that SUBJECT will end: a line, an operation, a field, an event.

    The end of a line is what ci-steps retirement announce announces, and kept there.

    Example: ci-steps changelog plan add operation "DELETE /tokens" --on 2026-12-23
    --instead "they expire by themselves" --reason "nobody deletes them"
    """
    from ci_steps.changelog.plan import Words
    from ci_steps.lifecycle.acts import Kind

    with plan_desk(service, dictionary, as_json=as_json) as desk:
        words = Words(_day(deprecated), instead.strip(), migration.strip())
        asked = desk.subject(kind, subject, environment)
        desk.decide(asked, [(Kind.ANNOUNCE, _day(on))], reason, by, words)


@group.command()
@click.option("--on", "on", type=shell.DAY, required=True, metavar="DATE", help="The new day.")
@click.option("--urgent", is_flag=True, help="Say that it is urgent: only then it comes earlier.")
@_reason
@_options
def amend(
    kind: str,
    subject: str,
    service: str,
    environment: str,
    by: str,
    reason: str,
    on: datetime,
    dictionary: str,
    *,
    urgent: bool,
    as_json: bool,
) -> None:
    """Move the day of SUBJECT to a later one; to an earlier one only where it is urgent.

    Example: ci-steps changelog plan amend operation "DELETE /tokens" --on 2027-01-15
    --reason "gis needs two weeks more"
    """
    from ci_steps.errors import UsageError
    from ci_steps.lifecycle.acts import Kind

    if urgent and kind == "line":
        hint = f"Say so first: ci-steps retirement urgent SERVICE {subject} --reason '…'"
        raise UsageError("that a line is urgent is decided by its retirement", hint=hint)
    moved = (Kind.AMEND, _day(on))
    acts = [(Kind.URGENT, None), moved, (Kind.CALM, None)] if urgent else [moved]
    with plan_desk(service, dictionary, as_json=as_json) as desk:
        desk.decide(desk.subject(kind, subject, environment), acts, reason, by)


@group.command()
@_reason
@_options
def withdraw(
    kind: str,
    subject: str,
    service: str,
    environment: str,
    by: str,
    reason: str,
    dictionary: str,
    *,
    as_json: bool,
) -> None:
    """Take the announcement about SUBJECT back; that it was made stays.

    Example: ci-steps changelog plan withdraw operation "DELETE /tokens" --reason "gis needs it"
    """
    from ci_steps.lifecycle.acts import Kind

    with plan_desk(service, dictionary, as_json=as_json) as desk:
        desk.decide(desk.subject(kind, subject, environment), [(Kind.WITHDRAW, None)], reason, by)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
