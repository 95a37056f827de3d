"""`ci-steps notices status`: what became of every message, and what somebody can do about it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.errors import UndeliveredError
from ci_steps.model import Table

if TYPE_CHECKING:
    from ci_steps.notices.sending.standing import Notice, Standing

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_TWO_DAYS_HOURS = 48


class Duration(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A time span as people write it: ``30m``, ``1h``, ``2d``."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the span, or say how it is written."""
        written = re.fullmatch(r"(\d{1,5})([mhd])", str(value), re.ASCII)
        if written is None:
            self.fail(f"{value!r} is no time span, write 30m, 1h or 2d", param, ctx)
        return timedelta(**{_UNITS[written[2]]: int(written[1])})


@click.command()
@click.option(
    "--fail-if-older",
    type=Duration(),
    metavar="TIME",
    help="End with status 4 when something is undelivered for longer: 30m, 1h, 2d.",
)
@shell.dictionary_option
@shell.json_option
def status(dictionary: str, fail_if_older: timedelta | None, *, as_json: bool) -> None:
    """Show every message: sent, waiting, or why not, and what to do; what went wrong comes first.

    Example, for a monitoring: ci-steps notices status --fail-if-older 1h
    """
    from ci_steps.notices.sending.standing import overdue, standing

    console = shell.console_of(as_json)
    now = shell.outside_of(console).now()
    with shell.dictionary_of(dictionary) as opened:
        found = standing(opened, now)
    if as_json:
        console.answer(_document(found))
    elif found.notices:
        console.table(_table(found.notices), result=True)
    else:
        console.result("no message was ever written")
    for warning in () if as_json else found.warnings:
        console.warning(warning)
    late = overdue(found.notices, fail_if_older, now) if fail_if_older is not None else ()
    if late:
        text = "1 message is" if len(late) == 1 else f"{len(late)} messages are"
        raise UndeliveredError(
            f"{text} undelivered for longer than {_age(fail_if_older or timedelta())}",
            hint=f"{late[0].channel} {late[0].address}: {late[0].advice}.",
        )


def _document(found: Standing) -> dict[str, Any]:
    return {
        "schema": "ci-steps/notices-status/1",
        "notices": [
            {
                **_cells(one),
                "age_seconds": int(one.age.total_seconds()),
                "outcome": one.outcome,
                "permalink": one.permalink,
                "seen": one.is_seen,
                "what_to_do": one.advice,
            }
            for one in found.notices
        ],
        "warnings": list(found.warnings),
    }


def _table(notices: tuple[Notice, ...]) -> Table:
    rows = [{**_cells(one), "what to do": one.advice} for one in notices]
    if not any(one.advice for one in notices):
        rows = [_cells(one) for one in notices]
    return Table(tuple(rows[0]), tuple(tuple(row.values()) for row in rows), "Notices")


def _cells(one: Notice) -> dict[str, str]:
    said = one.error or one.permalink or one.receipt
    return {
        "owner": one.owner,
        "channel": f"{one.channel} {one.address}",
        "about": one.about,
        "stage": one.stage,
        "state": one.state,
        "tries": str(one.attempts),
        "age": _age(one.age),
        "remark": ", ".join(filter(None, ("seen" if one.is_seen else "", said))),
    }


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    hours = minutes // 60
    if hours >= _TWO_DAYS_HOURS:
        return f"{hours // 24} d"
    return f"{hours} h" if hours else f"{minutes} min" if minutes else "now"
