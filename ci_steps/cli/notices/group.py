"""`ci-steps notices`: who would be told, and what became of what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import CommandGroup
from ci_steps.cli.notices.ack import ack
from ci_steps.cli.notices.preview import preview, version_of
from ci_steps.cli.notices.sending import send, tick
from ci_steps.cli.notices.status import status
from ci_steps.model import Table

if TYPE_CHECKING:
    from ci_steps.notices.moving.dependents import Affected
    from ci_steps.notices.moving.obligations import Told


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
    """Show whom LINE of SERVICE would oblige to move, where they are reached, why, and where.

    Where is the line that declares the need, as the dependent's own deployment has recorded it.
    LINE is a line such as 2, or a whole version. Nothing is written and nobody is told. With
    --expect the exit status is 1 unless exactly these owners are told.
    Example: ci-steps notices who auth 2 --expect gis-team --expect web-team
    """
    from ci_steps.notices.moving import obligations

    today = shell.outside_of(shell.console_of(as_json)).today()
    with shell.dictionary_of(dictionary) as opened:
        opened.known_service(service)
        opened.known_environment(environment)
        found = version_of(line, opened, service, today)
        with opened.reading() as connection:
            told = obligations.who(connection, service, found, environment)
    _show(told, f"{service} {line} obliges nobody", as_json=as_json)
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


def _show(told: tuple[Told, ...], nothing: str, *, as_json: bool) -> None:
    console = shell.console_of(as_json)
    rows = [_row(one, affected) for one in told for affected in one.affected]
    if as_json:
        console.answer({"schema": "ci-steps/notices-who/1", "who": rows})
    elif rows:
        console.table(_table(rows), result=True)
    else:
        console.result(nothing)


def _row(told: Told, affected: Affected) -> dict[str, str]:
    from ci_steps.notices.wording.code_hosts import line_url

    place, repository = affected.place, affected.repository
    contacts = told.owner.contacts if told.owner else ()
    return {
        "owner": told.owner.name if told.owner else "nobody",
        "contacts": ", ".join(f"{to.channel} {to.address}" for to in contacts),
        "service": affected.dependent.service,
        "needs": affected.dependent.requirement.written,
        "why": affected.why,
        "declared_in": place,
        "repository": repository,
        "commit": affected.commit,
        "link": line_url(repository, affected.commit, place),
    }


def _table(rows: list[dict[str, str]]) -> Table:
    names = ("owner", "contacts", "service", "needs", "why")
    cells = tuple((*(row[name] for name in names), _declared(row)) for row in rows)
    return Table((*names, "declared in"), cells, "Who")


def _declared(row: dict[str, str]) -> str:
    said = row["link"] or " of ".join(filter(None, (row["declared_in"], row["repository"])))
    return said or "not known"
