"""`ci-steps dictionary may-deploy`: the verdict about one version, or about a train of them."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.errors import UsageError
from ci_steps.model import Table, Verdict
from ci_steps.step_facts import verdict_facts
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ci_steps.console import Console
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.dictionary.verdicts.reasons import VerdictReport
    from ci_steps.dictionary.verdicts.waivers import Waiver
    from ci_steps.outside import Outside
    from ci_steps.versions import Version

_USAGE = "Write: may-deploy auth 2.0.0 production, or may-deploy auth@2.0.0 gis@3.1.0 production."
_ONE = 3  # service, version, environment


@click.command("may-deploy")
@click.argument("what", nargs=-1, required=True, metavar="SERVICE VERSION ENVIRONMENT")
@click.option("--beside", is_flag=True, help="A new line stands beside the old one.")
@click.option("--slot", default="", help="The instance place whose version is replaced.")
@click.option("--ignore", multiple=True, metavar="SERVICE", help="Do not judge edges with it.")
@click.option(
    "--until", type=shell.DAY, metavar="DATE", help="The last day of --ignore: 2026-11-30."
)
@click.option("--reason", default="", help="Why --ignore; it is recorded.")
@click.option(
    "--retry-while-unknown",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Ask up to N times more while the answer is unknown.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long it waits between two of them.",
)
@click.option("--dry-run", is_flag=True, help="Record no waiver for --ignore.")
@shell.dictionary_option
@shell.json_option
def may_deploy(
    what: tuple[str, ...],
    beside: bool,  # noqa: FBT001 (click passes every option by its name)
    slot: str,
    ignore: tuple[str, ...],
    until: datetime | None,
    reason: str,
    retry_while_unknown: int,
    interval: float,
    dictionary: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Say whether VERSION of SERVICE may go to ENVIRONMENT: yes, no or unknown.

    The world after the deployment is judged; the exit status is 0 only for yes. Several
    go together as SERVICE@VERSION ... ENVIRONMENT, with an order that breaks nobody.

    Example: ci-steps dictionary may-deploy auth 2.0.0 production --beside
    """
    from ci_steps.dictionary.verdicts.named import may_deploy_named

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    named, environment = _named(what)
    # The same twice is once, however it is spelled.
    versions = list(dict.fromkeys((service, parse_version(version)) for service, version in named))
    day = until.date() if until else None
    _check_places(versions, slot, beside=beside)
    _check_options(ignore, day, reason, outside.today())
    with shell.dictionary_of(dictionary) as opened:
        by = outside.environ.get("USER", "")
        given = _waivers(opened, versions, environment, ignore, day, reason, by)
        ask = partial(
            may_deploy_named,
            opened,
            versions,
            environment,
            slot=slot,
            beside=beside,
            ignoring=given,
        )
        report = _asked(ask, outside, retry_while_unknown, interval)
        if not dry_run:
            _record(opened, outside, report, given)
    _show(console, report, as_json=as_json)
    return 0 if report.verdict is Verdict.YES else 1


def _show(console: Console, report: VerdictReport, *, as_json: bool) -> None:
    if as_json:
        console.answer(document(report))
        return
    for table in tables(report):
        console.table(table, result=True)
    console.result(sentences(report))


def document(report: VerdictReport) -> dict[str, Any]:
    """Return the answer of ``--json``."""
    return {"schema": "ci-steps/may-deploy/1", **verdict_facts(report)}


def tables(report: VerdictReport) -> tuple[Table, ...]:
    """Return every edge for people, the worst first."""
    if not report.edges:
        return ()
    columns = ("dependent", "provider", "required", "found", "verdict", "reason", "because")
    rows = tuple(
        (
            edge.who,
            edge.provider,
            edge.required,
            ", ".join(edge.found) or "nothing",
            edge.verdict.value if edge.verdict else "ignored",
            edge.reason.value,
            edge.text,
        )
        for edge in report.edges
    )
    return (Table(columns, rows, f"Requirements in {report.environment} afterwards"),)


def sentences(report: VerdictReport) -> str:
    """Return the verdict and what would make it a yes, for people."""
    lines = [f"{report.verdict.value}: {report.text} ({report.reason.value})"]
    lines += [f"  way out: {way}" for way in report.ways_out]
    if report.order:
        lines.append(f"  in this order nobody is broken on the way: {', '.join(report.order)}")
    if report.obstacle:
        lines.append(f"  no order breaks nobody on the way: {report.obstacle}")
    return "\n".join(lines)


def _named(what: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """Return services with versions, and the environment."""
    *parts, environment = what
    if len(what) == _ONE and "@" not in parts[0]:
        return [(parts[0], parts[1])], environment
    pairs = [part.partition("@") for part in parts]
    wrong = next((part for part, at in zip(parts, pairs, strict=True) if not all(at)), None)
    if wrong is not None or not pairs:
        shown = repr(wrong) if wrong is not None else "nothing"
        raise UsageError(f"{shown} is not SERVICE@VERSION", hint=_USAGE)
    return [(name, version) for name, _, version in pairs], environment


def _check_places(versions: Sequence[object], slot: str, *, beside: bool) -> None:
    if slot and len(versions) > 1:
        raise UsageError("--slot is for one service", hint="Ask for each, or leave --slot out.")
    if slot and beside:
        raise UsageError(
            "--slot names a place, and --beside asks for one that is free",
            hint="Leave one of them out.",
        )


def _check_options(ignore: Sequence[str], until: date | None, reason: str, today: date) -> None:
    if ignore and not (until and reason.strip()):
        raise UsageError(
            "--ignore needs --until and --reason",
            hint="A waiver ends, and whoever meets it must know why it is there.",
        )
    if not ignore and (until or reason):
        raise UsageError("--until and --reason belong to --ignore", hint="Name the service.")
    if until and until < today:
        raise UsageError(f"--until {until} has passed", hint="Name a day that is to come.")


def _waivers(
    opened: Dictionary,
    named: Sequence[tuple[str, Version]],
    environment: str,
    ignore: Sequence[str],
    until: date | None,
    reason: str,
    by: str,
) -> list[Waiver]:
    from ci_steps.dictionary.verdicts.waivers import Waiver

    if until is None:
        return []
    others = [opened.known_service(name).name for name in ignore]
    services = [opened.known_service(name).name for name, _ in named]
    return [
        Waiver(service, other, environment, until, reason.strip(), by)
        for service in services
        for other in others
    ]


def _asked(
    ask: Callable[..., VerdictReport], outside: Outside, retries: int, interval: float
) -> VerdictReport:
    for _ in range(retries):
        report = ask(today=outside.today())
        if report.verdict is not Verdict.UNKNOWN:
            return report
        outside.pause(interval)
    return ask(today=outside.today())


def _record(
    opened: Dictionary, outside: Outside, report: VerdictReport, given: Sequence[Waiver]
) -> None:
    """Keep the waivers that an edge is about."""
    from ci_steps.dictionary.verdicts.waivers import record_waiver

    ends = {frozenset((edge.dependent, edge.provider)) for edge in report.edges}
    used = [one for one in given if frozenset((one.service, one.other)) in ends]
    if used:
        at = outside.now()
        opened.write(lambda to: [record_waiver(to, one, at) for one in used])
