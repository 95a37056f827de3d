"""`ci-steps retirement`: what people decide about the end of a line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import CommandGroup
from ci_steps.cli.retiring.overlay import overlay
from ci_steps.cli.retiring.retire import window_document
from ci_steps.model import Line, Table
from ci_steps.moments import iso_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.lifecycle.acts import Act
    from ci_steps.lifecycle.facts import Facts
    from ci_steps.notices.line_ends.telling import Told
    from ci_steps.outside import Outside
    from ci_steps.usage import Caller

_DECISIONS = {
    "announce": "Say that LINE will end, on a day or on one that is named later.",
    "amend": "Move the day to a later one; to an earlier one only where it is urgent.",
    "withdraw": "Take the announcement back.",
    "hold": "Keep LINE whatever happens, for a law or an audit.",
    "unhold": "End the hold.",
    "urgent": "Say that LINE must go without waiting; somebody has to approve that.",
    "calm": "Say that it is not urgent any more.",
    "approve": "Answer for the end of LINE.",
    "revoke": "Take the approval back.",
}
_WITH_A_DAY = ("announce", "amend")


@click.group(cls=CommandGroup)
def group() -> None:
    """Decide about the end of a line; every decision is kept, with who made it and why."""


@group.command()
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@shell.dictionary_option
@shell.json_option
def show(service: str, line: str, environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show every decision about LINE, the oldest first, and who is refused since it was drained.

    Example: ci-steps retirement show auth 1
    """
    from ci_steps.lifecycle.ledger import read

    console = shell.console_of(as_json)
    with shell.dictionary_of(dictionary) as opened:
        of = _line(opened, service, line, environment)
        with opened.reading() as connection:
            acts = read(connection, of)
    refused = _refused(of, acts, dictionary)
    if as_json:
        decisions = [_document(act) for act in acts]
        callers = [_caller(one) for one in refused]
        schema = {"schema": "ci-steps/retirement/1"}
        console.answer({**schema, "decisions": decisions, "refused": callers})
    elif acts:
        console.table(_table(acts), result=True)
        if refused:
            rows = tuple((one.name, f"{one.calls:,}", _at(one.last_call)) for one in refused)
            columns = ("caller", "calls", "last call")
            console.table(Table(columns, rows, "Refused since it was drained"), result=True)
    else:
        console.result(f"nothing was decided about line {of.line} of {of.service} in {environment}")


@group.command()
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@click.option(
    "--form",
    type=click.Choice(["text", "json", "nginx", "haproxy", "gateway", "middleware"]),
    default="text",
    show_default=True,
    help="Who is to send them.",
)
@click.option("--link", default="", metavar="URL", help="A page about the move.")
@click.option(
    "--path", default="", help="For the middleware: how the paths of LINE begin; all without it."
)
@shell.dictionary_option
def headers(
    service: str, line: str, environment: str, form: str, link: str, path: str, dictionary: str
) -> None:
    """Print the headers that tell callers of LINE when it ends.

    Deprecation (RFC 9745), Sunset (RFC 8594) and Link, as text, as JSON, or as nginx, HAProxy
    and Kubernetes' Gateway API are configured; or as the file that ci_steps.middleware reads.

    Example: ci-steps retirement headers auth 1 --form nginx
    """
    from ci_steps.endings import Ending, headers_of
    from ci_steps.errors import RefusedError
    from ci_steps.lifecycle.acts import standing
    from ci_steps.lifecycle.ledger import read
    from ci_steps.lifecycle.serving import FORMS
    from ci_steps.lifecycle.snippets import as_endings
    from ci_steps.protocols import Leaving

    with shell.dictionary_of(dictionary) as opened:
        of = _line(opened, service, line, environment)
        with opened.reading() as connection:
            stands = standing(read(connection, of))
    told = stands.announcement
    if told.announced is None:
        raise RefusedError(
            f"the end of line {of.line} of {of.service} was not announced",
            hint=f"Announce it: ci-steps retirement announce {of.service} {of.line} --on DATE …",
        )
    said = headers_of(Ending(told.announced, told.ends, link))
    if form == "middleware":
        leaving = Leaving(of, "", headers=said, windows=stands.windows)
        shell.console_of(None).result(as_endings(leaving, path).rstrip())
    else:
        shell.console_of(None).result(FORMS[form](said))


def _refused(of: Line, acts: Sequence[Act], dictionary: str) -> tuple[Caller, ...]:
    """Return who called since the line was drained, as far as its front counts that."""
    from ci_steps.cli.retiring.ground import ground_of
    from ci_steps.lifecycle.acts import Kind, standing
    from ci_steps.lifecycle.stepping import look

    if standing(acts).taken(Kind.DRAINED) is None:
        return ()
    console = shell.console_of(None)
    with ground_of(console, shell.outside_of(console), of, "", dictionary) as ground:
        return look(ground).refused


def _caller(one: Caller) -> dict[str, Any]:
    last = iso_text(one.last_call) if one.last_call else None
    return {"name": one.name, "calls": one.calls, "last_call": last}


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "nobody knows"


def _line(opened: Dictionary, service: str, line: str, environment: str) -> Line:
    from ci_steps.dictionary.release_questions import check_line

    name = opened.known_service(service).name
    known = Line(name, line.removeprefix("v"), opened.known_environment(environment).name)
    with opened.reading() as connection:
        check_line(connection, name, known.line)
    return known


def _decision(name: str, about: str) -> click.Command:
    example = f"Example: ci-steps retirement {name} auth 1{_example(name)} --reason '…'"
    parameters: list[click.Parameter] = [
        click.Argument(["service"]),
        click.Argument(["line"]),
        click.Argument(["environment"], default="production"),
        click.Option(["--reason"], required=True, help="Why; it is kept."),
        click.Option(["--by"], help="Who decides, where it is not the actor of the job."),
    ]
    if name in _WITH_A_DAY:
        day = click.Option(
            ["--on"], type=shell.DAY, metavar="DATE", help="The day it ends, from 00:00 UTC."
        )
        parameters.append(day)
    command = click.Command(
        name, params=parameters, callback=partial(_decide, name), help=f"{about}\n\n{example}"
    )
    shell.dictionary_option(command)
    return command


def _example(name: str) -> str:
    return " --on 2026-12-23" if name in _WITH_A_DAY else ""


def _decide(
    name: str,
    service: str,
    line: str,
    environment: str,
    reason: str,
    by: str | None,
    dictionary: str,
    on: datetime | None = None,
) -> None:
    from ci_steps.cli.retiring.ground import told_of_ends
    from ci_steps.errors import UsageError
    from ci_steps.lifecycle.acts import Act, Kind
    from ci_steps.lifecycle.ledger import add
    from ci_steps.notices.line_ends import announcements

    console = shell.console_of(None)
    outside = shell.outside_of(console)
    if not reason.strip():
        raise UsageError("--reason is empty", hint="Whoever reads it later must know why.")
    who = by or shell.host_of(outside, console).facts(outside.environ).actor
    day = on.date() if on else None
    act = Act(Kind(name), outside.now(), who, reason.strip(), day)
    told = told_of_ends(outside, "", act.at)
    with shell.dictionary_of(dictionary) as opened:
        of = _line(opened, service, line, environment)
        observed = _observed(outside, of, dictionary) if name == "announce" else None

        def write(connection: Connection) -> tuple[str, ...]:
            add(connection, of, act)
            return _tell(connection, of, told, observed)

        messages = opened.write(write)
        with opened.reading() as connection:
            wrong = tuple(announcements.unreachable(connection, of, told.channels))
    on_day = f", on {day}" if day else ""
    console.result(f"{name}: line {of.line} of {of.service} in {of.environment}{on_day}")
    for one in messages:
        console.result(f"waits for ci-steps notices send: {one}")
    problem = observed.usage.problem if observed else ""
    doubt = f"who calls and does not declare it is not known: {problem}" if problem else ""
    for text in (*(wrong if told.channels else ()), *filter(None, [doubt])):
        console.warning(text)


def _observed(outside: Outside, of: Line, dictionary: str) -> Facts | None:
    """Return who calls a line, where the file of this folder says how that is seen."""
    from ci_steps.cli.retiring.ground import ground_of, said_about
    from ci_steps.lifecycle.stepping import look

    if not said_about(outside, of.service, "", dictionary).usages:
        return None
    with ground_of(shell.console_of(None), outside, of, "", dictionary) as ground:
        return look(ground).facts


def _tell(connection: Connection, of: Line, told: Told, observed: Facts | None) -> tuple[str, ...]:
    """Put in the outbox what owners hear of this, and return who that is."""
    from ci_steps.notices.line_ends import announcements, telling

    before = set(announcements.waiting(connection, of))
    telling.tell(connection, of, told)
    if observed:
        guesses = observed.guesses
        telling.note_callers(connection, of, observed.usage, guesses, told.at)
        telling.tell(connection, of, told)
    return tuple(one for one in announcements.waiting(connection, of) if one not in before)


def _table(acts: Sequence[Act]) -> Table:
    rows = tuple(
        (
            f"{act.at:%Y-%m-%d %H:%M} UTC",
            act.kind.value,
            str(act.retire_on or ""),
            act.by or "nobody said",
            _why(act),
        )
        for act in acts
    )
    return Table(("at", "decision", "day", "by", "reason"), rows, "Decisions")


def _why(act: Act) -> str:
    windows = f" (refusals {', '.join(map(str, act.windows))})" if act.windows else ""
    return f"{act.reason}{windows}"


def _document(act: Act) -> dict[str, Any]:
    return {
        "decision": act.kind.value,
        "at": iso_text(act.at),
        "by": act.by,
        "reason": act.reason,
        "retire_on": act.retire_on.isoformat() if act.retire_on else None,
        "because": act.because,
        "brown_outs": [window_document(one) for one in act.windows],
    }


group.add_command(overlay)
for _name, _about in _DECISIONS.items():
    group.add_command(_decision(_name, _about))
