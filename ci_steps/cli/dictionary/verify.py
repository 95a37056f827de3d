"""`ci-steps dictionary verify` and `policy`: what was tried together, and whether it must be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary import tables
from ci_steps.cli.dictionary.printed import answer
from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.pact_recording import Kept
    from ci_steps.dictionary.pact_results import Party, Results
    from ci_steps.dictionary.verifications import Recorded

_PACT_BYTES = 10_000_000


@click.command()
@click.argument("dependent", required=False, default="", metavar="DEPENDENT@VERSION")
@click.argument("provider", required=False, default="", metavar="PROVIDER@VERSION")
@click.argument("result", required=False, type=click.Choice(["passed", "failed"]))
@click.option("--url", default="", help="The page of the test, for whoever asks why.")
@click.option(
    "--pact",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the results from JSON of a Pact Broker or of pact_verifier.",
)
@click.option("--strict", is_flag=True, help="Take all results of the file, or none.")
@shell.dictionary_option
@shell.json_option
def verify(
    dependent: str,
    provider: str,
    result: str | None,
    url: str,
    pact: Path | None,
    dictionary: str,
    *,
    strict: bool,
    as_json: bool,
) -> None:
    """Record that two exact versions were tried together, and whether it worked.

    The latest result of a pair counts, and outranks what the version numbers promise. With
    --pact the file says what was tried; DEPENDENT and PROVIDER add what it leaves out. Where
    the file has a commit, it is about the release that was built of it.

    Example: ci-steps dictionary verify gis@201610 auth@1.1.3 passed
    """
    record = _recording(dependent, provider, result, url, pact, strict=strict)
    console = shell.console_of(as_json)
    now = shell.outside_of(console).now()
    with shell.dictionary_of(dictionary) as opened:
        kept = opened.write(lambda to: record(to, now))
    found = [_verifications(kept.recorded)]
    if as_json:
        console.answer(tables.document([*found, _left_out(kept)], "verifications"))
    else:
        answer(found, "verifications", as_json=False)
    for one in kept.left_out:
        console.warning(f"{one}: left out")
    for missing in dict.fromkeys(name for one in kept.recorded for name in one.unrecorded):
        console.warning(f"{missing} is not recorded yet: the result counts once it is")


@click.command()
@click.argument("environment")
@click.option(
    "--evidence",
    type=click.Choice(["required", "optional"]),
    help="Whether a requirement counts only where a verification of it passed.",
)
@shell.dictionary_option
@shell.json_option
def policy(environment: str, evidence: str | None, dictionary: str, *, as_json: bool) -> None:
    """Show what ENVIRONMENT asks of a deployment, or change it.

    Example: ci-steps dictionary policy production --evidence required
    """
    from ci_steps.dictionary.policies import evidence_required, set_evidence_required

    with shell.dictionary_of(dictionary) as opened:
        opened.known_environment(environment)
        if evidence:
            required = evidence == "required"
            # Not read again: it is done, also where the database is lost just afterwards.
            opened.write(lambda to: set_evidence_required(to, environment, required=required))
        else:
            with opened.reading() as connection:
                required = evidence_required(connection, environment)
    word = "required" if required else "optional"
    found = Table(("environment", "evidence"), ((environment, word),), "Policy")
    answer([found], "policy", as_json=as_json)


def _recording(
    dependent: str, provider: str, result: str | None, url: str, pact: Path | None, *, strict: bool
) -> Callable[[Connection, datetime], Kept]:
    """Return what records what the command line or the file says was tried together."""
    from ci_steps.dictionary.pact_recording import Kept, record_results
    from ci_steps.dictionary.verifications import Verification, record
    from ci_steps.errors import UsageError

    left, right = _party(dependent), _party(provider)
    if pact is not None:
        results = _of_pact(pact, left, right, result, url)
        return lambda to, now: record_results(to, results, now, strict=strict)
    if strict:
        raise UsageError("--strict is about a file", hint="Leave it out, or name a --pact FILE.")
    if left.version is None or right.version is None or result is None:
        raise UsageError(
            "a verification is about two exact versions and has a result",
            hint="Write it like: dictionary verify gis@201610 auth@1.1.3 passed",
        )
    passed = result == "passed"
    tried = Verification(left.name, left.version, right.name, right.version, passed, url)
    return lambda to, now: Kept((record(to, tried, now),), ())


def _of_pact(file: Path, left: Party, right: Party, result: str | None, url: str) -> Results:
    from ci_steps.config.document import read_text
    from ci_steps.dictionary.pact_results import read_results
    from ci_steps.errors import UsageError

    if result or url:
        raise UsageError(
            f"{file} says the result and its address itself",
            hint="Leave out passed, failed and --url, or leave out --pact.",
        )
    return read_results(read_text(file, most_bytes=_PACT_BYTES), str(file), left, right)


def _party(text: str) -> Party:
    from ci_steps.dictionary.pact_results import Party
    from ci_steps.versions import check_name, parse_version

    name, _, version = text.partition("@")
    if not text:
        return Party()
    return Party(check_name(name, long_form=True), parse_version(version) if version else None)


def _verifications(recorded: Iterable[Recorded]) -> Table:
    rows = tuple(
        (
            one.verification.dependent,
            str(one.verification.dependent_version),
            one.verification.provider,
            str(one.verification.provider_version),
            "passed" if one.verification.passed else "failed",
            one.verification.url,
            one.effect.name.lower(),
        )
        for one in recorded
    )
    columns = (
        "dependent",
        "dependent_version",
        "provider",
        "provider_version",
        "result",
        "url",
        "effect",
    )
    return Table(columns, rows, "Verifications")


def _left_out(kept: Kept) -> Table:
    rows = tuple((one.file, one.key, one.text) for one in kept.left_out)
    return Table(("file", "key", "text"), rows, "Left out")
