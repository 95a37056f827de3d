"""`ci-steps notices`: who would be told, and what became of what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary_tables import document
from ci_steps.cli.groups import CommandGroup
from ci_steps.cli.notices_sending import send, tick
from ci_steps.cli.notices_status import status
from ci_steps.model import Table
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.notices.obligations import Told


@click.group(cls=CommandGroup)
def group() -> None:
    """See who is told about a release, and what became of the messages."""


group.add_command(send)
group.add_command(tick)
group.add_command(status)


@group.command()
@click.argument("service")
@click.argument("version")
@click.argument("environment", default="production")
@shell.dictionary_option
@shell.json_option
def who(service: str, version: str, environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show whom VERSION of SERVICE would oblige to move, and where they are reached.

    Nothing is written and nobody is told. Example: ci-steps notices who auth 2.0.0
    """
    from ci_steps.notices import obligations

    found = parse_version(version)
    with shell.dictionary_of(dictionary) as opened:
        opened.known_service(service)
        opened.known_environment(environment)
        with opened.reading() as connection:
            told = obligations.who(connection, service, found, environment)
    _answer(_who_table(told), "who", f"{service} {version} obliges nobody", as_json=as_json)


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
