"""`ci-steps notices ack`: say until when one's services move, and why not before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@click.argument("reference")
@click.option(
    "--until",
    required=True,
    type=shell.DAY,
    metavar="DATE",
    help="The day by which the services will have moved.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why not before.")
@click.option("--by", default="", metavar="NAME", help="Who says so, instead of who is logged in.")
@click.option("--on-behalf-of", default="", metavar="NAME", help="For whom it is said.")
@shell.dictionary_option
@shell.json_option
def ack(
    reference: str,
    until: datetime,
    reason: str,
    by: str,
    on_behalf_of: str,
    dictionary: str,
    *,
    as_json: bool,
) -> None:
    """Say until when the services of a notice will have moved.

    The REFERENCE stands at the end of each notice. Nobody is reminded until shortly before that
    day.

    Example: ci-steps notices ack auth-2/production/gis-team --until 2027-01-15
    --reason "the new client comes in January"
    """
    from ci_steps.notices.moving.acknowledgements import Saying, acknowledge

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    facts = shell.host_of(outside, console).facts(outside.environ)
    saying = Saying(reference, until.date(), reason, by or facts.actor, on_behalf_of)
    most_days = _most_days()
    with shell.dictionary_of(dictionary) as opened:
        now = outside.now()
        said = opened.write(lambda connection: acknowledge(connection, saying, now, most_days))
    names = [one.dependent for one in said]
    if as_json:
        document = {"reference": reference, "until": str(saying.until), "services": names}
        console.answer({"schema": "ci-steps/notices-ack/1", **document, "by": saying.by})
    else:
        console.result(f"{', '.join(names)}: planned for {saying.until}, said by {saying.by}")


def _most_days() -> int:
    """Return how much more time may be asked for: as the file here says, or as is usual."""
    from ci_steps.config.notify import load_notify
    from ci_steps.config.sources import FILE, Flags
    from ci_steps.notices.moving.acknowledgements import MOST_DAYS

    if not Path(FILE).is_file():
        return MOST_DAYS
    return load_notify(shell.outside_of(shell.console_of(None)), Flags()).settings.ack_days
