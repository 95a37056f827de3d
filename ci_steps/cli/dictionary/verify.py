"""`ci-steps dictionary verify` and `policy`: what was tried together, and whether it must be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary.printed import answer
from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.dictionary.pact_results import Party
    from ci_steps.dictionary.verifications import Recorded, Verification

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
    as_json: bool,
) -> None:
    """Record that two exact versions were tried together, and whether it worked.

    The latest result of a pair counts, and outranks what the version numbers promise. With
    --pact the file says what was tried; DEPENDENT and PROVIDER add what it leaves out.

    Example: ci-steps dictionary verify gis@201610 auth@1.1.3 passed
    """
    from ci_steps.dictionary.verifications import record

    found = _tried(dependent, provider, result, url, pact)
    console = shell.console_of(as_json)
    now = shell.outside_of(console).now()
    with shell.dictionary_of(dictionary) as opened:
        recorded = opened.write(lambda to: [record(to, one, now) for one in found])
    answer([_verifications(recorded)], "verifications", as_json=as_json)
    for missing in dict.fromkeys(name for one in recorded for name in one.unrecorded):
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
    from ci_steps.dictionary.verifications import evidence_required, set_evidence_required

    with shell.dictionary_of(dictionary) as opened:
        opened.known_environment(environment)
        if evidence:
            required = evidence == "required"
            opened.write(lambda to: set_evidence_required(to, environment, required=required))
        with opened.reading() as connection:
            word = "required" if evidence_required(connection, environment) else "optional"
    found = Table(("environment", "evidence"), ((environment, word),), "Policy")
    answer([found], "policy", as_json=as_json)


def _tried(
    dependent: str, provider: str, result: str | None, url: str, pact: Path | None
) -> tuple[Verification, ...]:
    """Return what the command line or the file says was tried together."""
    from ci_steps.dictionary.verifications import Verification
    from ci_steps.errors import UsageError

    left, right = _party(dependent), _party(provider)
    if pact is not None:
        return _of_pact(pact, left, right, result, url)
    if left.version is None or right.version is None or result is None:
        raise UsageError(
            "a verification is about two exact versions and has a result",
            hint="Write it like: dictionary verify gis@201610 auth@1.1.3 passed",
        )
    passed = result == "passed"
    return (Verification(left.name, left.version, right.name, right.version, passed, url),)


def _of_pact(
    file: Path, left: Party, right: Party, result: str | None, url: str
) -> tuple[Verification, ...]:
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
