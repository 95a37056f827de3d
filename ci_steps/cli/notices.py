"""`ci-steps notices`: who would be told, and what became of what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary_tables import document
from ci_steps.cli.groups import CommandGroup
from ci_steps.cli.notices_ack import ack
from ci_steps.cli.notices_preview import preview, version_of
from ci_steps.cli.notices_sending import send, tick
from ci_steps.cli.notices_status import status
from ci_steps.model import Table

if TYPE_CHECKING:
    from ci_steps.notices.obligations import Told


@click.group(cls=CommandGroup)
def group() -> None:
    """See who is told about a release, and what became of the messages."""


group.add_command(send)
group.add_command(tick)
group.add_command(status)
group.add_command(preview)
group.add_command(ack)


@group.command()
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@click.option(
    "--expect",
    multiple=True,
    metavar="OWNER",
    help="An owner who must be told; all who are must be named. May be given several times.",
)
@shell.dictionary_option
@shell.json_option
def who(
    service: str,
    line: str,
    environment: str,
    expect: tuple[str, ...],
    dictionary: str,
    *,
    as_json: bool,
) -> int:
    """Show whom LINE of SERVICE would oblige to move, where they are reached, and why.

    LINE is a line such as 2, or a whole version. Nothing is written and nobody is told. With
    --expect the exit status is 1 unless exactly these owners are told.
    Example: ci-steps notices who auth 2 --expect gis-team --expect web-team
    """
    from ci_steps.notices import obligations

    today = shell.outside_of(shell.console_of(as_json)).today()
    with shell.dictionary_of(dictionary) as opened:
        opened.known_service(service)
        opened.known_environment(environment)
        found = version_of(line, opened, service, today)
        with opened.reading() as connection:
            told = obligations.who(connection, service, found, environment)
    _answer(_who_table(told), "who", f"{service} {line} obliges nobody", as_json=as_json)
    return _differs(told, expect) if expect else 0


def _differs(told: tuple[Told, ...], expected: tuple[str, ...]) -> int:
    """Say what is not as expected, and return the exit status."""
    console = shell.console_of(None)
    names = {one.owner.name if one.owner else "nobody" for one in told}
    for name in sorted(set(expected) - names):
        console.warning(f"{name} was expected and is not told")
    for name in sorted(names - set(expected)):
        console.warning(f"{name} is told and was not expected")
    return int(names != set(expected))


def _answer(table: Table, name: str, nothing: str, *, as_json: bool) -> None:
    console = shell.console_of(as_json)
    if as_json:
        answer = document([table], name)
        console.answer({**answer, "schema": f"ci-steps/notices-{name}/1"})
    elif table.rows:
        console.table(table, result=True)
    else:
        console.result(nothing)


def _who_table(told: tuple[Told, ...]) -> Table:
    rows = tuple(
        (
            one.owner.name if one.owner else "nobody",
            ", ".join(f"{to.channel} {to.address}" for to in one.owner.contacts)
            if one.owner
            else "",
            affected.dependent.service,
            affected.dependent.requirement.written,
            affected.why,
        )
        for one in told
        for affected in one.affected
    )
    return Table(("owner", "contacts", "service", "needs", "why"), rows, "Who")
