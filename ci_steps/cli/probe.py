"""`ci-steps probe`: which versions of a service answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.model import Table
from ci_steps.moments import iso_text
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.config.plan import Plugged
    from ci_steps.outside import Outside
    from ci_steps.protocols import Found


@click.command()
@click.argument("service")
@click.argument("environment", default="")
@click.option("--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml.")
@click.option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long each address may take.",
)
@click.option("--keep", is_flag=True, help="Keep what answered: verdicts and drift then use it.")
@shell.dictionary_option
@shell.json_option
def probe(
    service: str,
    environment: str,
    config: str,
    timeout_seconds: float,
    dictionary: str,
    *,
    keep: bool,
    as_json: bool,
) -> int:
    """Ask which versions of SERVICE run in ENVIRONMENT, or exist anywhere without one.

    As version-check asks: by the probes of ci-steps.yaml, otherwise at the addresses where the
    dictionary saw it deployed. The exit status is 1 where nobody answers, somebody does not, or
    replicas of one service disagree.

    Example: ci-steps probe auth production
    """
    from ci_steps.jobs.finder import Finder

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    probes, url = _configured(outside, config, dictionary)
    with shell.opened(outside, url) as opened:
        if service not in probes:
            opened.known_service(service)
        finder = Finder(probes, outside, opened, timeout_seconds)
        found = finder(service, environment)
        places = [one.name for one in opened.environments()]
        if keep:
            finder.keep_observations()
    if as_json:
        console.answer(document(service, environment, found))
    elif found:
        console.table(table(service, environment, found), result=True)
    else:
        console.result(f"{service} is not live{f' in {environment}' if environment else ''}")
    if not found and environment and environment not in places:
        # Not an error: it may be the first deployment there.
        console.warning(
            f"no environment {environment!r} is known{did_you_mean(environment, places)}"
        )
    return int(not found or any(one.version is None or one.disagrees for one in found))


def document(service: str, environment: str, found: Sequence[Found]) -> dict[str, Any]:
    """Return the answer of ``--json``."""
    return {
        "schema": "ci-steps/probe/1",
        "service": service,
        "environment": environment,
        "answers": [
            {
                "where": one.where,
                "address": one.address,
                "version": str(one.version or ""),
                "how": _how(one),
                "problem": one.problem or one.disagrees,
                "deprecated": one.ending is not None,
                "ends": iso_text(one.ending.ends) if one.ending and one.ending.ends else None,
            }
            for one in found
        ],
    }


def table(service: str, environment: str, found: Sequence[Found]) -> Table:
    """Return the answers for people."""
    rows = tuple((str(one.version or "none"), _it(one), one.where, _remark(one)) for one in found)
    name = f"{service} in {environment}" if environment else service
    return Table(("version", "it", "where", "remark"), rows, name)


def _it(one: Found) -> str:
    return _how(one) if one.version else "has no answer"


def _how(one: Found) -> str:
    return "exists" if one.released else "is recorded" if one.recorded else "answers"


def _remark(one: Found) -> str:
    problem = one.problem or one.disagrees
    if problem or one.ending is None:
        return problem
    return f"ends on {one.ending.ends.date()}" if one.ending.ends else "is deprecated"


def _configured(
    outside: Outside, config: str, dictionary: str
) -> tuple[Mapping[str, tuple[Plugged, ...]], str]:
    """Return the probes of the file, if there is one, and where the dictionary is."""
    from ci_steps.config.dictionary_place import any_dictionary_url
    from ci_steps.config.partial import load_part
    from ci_steps.config.sources import FILE, Flags

    if not config and not Path(FILE).is_file():
        return {}, any_dictionary_url(outside, dictionary, Path.cwd())
    part = load_part(outside, Flags(config=config, dictionary=dictionary), "probes")
    return part.planning.probes, part.dictionary
