"""`ci-steps dictionary record`: what runs somewhere and was not deployed by ci-steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.addresses import is_web
from ci_steps.cli import shell
from ci_steps.cli.dictionary.printed import answer
from ci_steps.cli.dictionary.tables import live_table
from ci_steps.cli.dictionary.unreachable import unreachable
from ci_steps.errors import UsageError
from ci_steps.versions import check_name, parse_requirement, parse_version
from ci_steps.writing.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.store import Dictionary


@click.command()
@click.argument("service")
@click.argument("version")
@click.argument("environment")
@click.option("--depends-on", multiple=True, metavar="REQUIREMENT", help="What it needs: auth-1.1.")
@click.option("--commit", default="unknown", help="The commit it was built from.")
@click.option("--slot", default="", help="The instance place; by default the version's line.")
@click.option(
    "--address", default="", metavar="URL", help="Where it answers, for those who ask its version."
)
@click.option("--production", is_flag=True, help="ENVIRONMENT is production from now on.")
@shell.dictionary_option
@shell.json_option
def record(
    service: str,
    version: str,
    environment: str,
    depends_on: tuple[str, ...],
    commit: str,
    slot: str,
    address: str,
    dictionary: str,
    *,
    production: bool,
    as_json: bool,
) -> None:
    """Record that SERVICE runs in VERSION in ENVIRONMENT, for what ci-steps does not deploy.

    Nothing is deployed and nobody is told. Recording the same again changes nothing.

    Example: ci-steps dictionary record auth 1.1.3 production --production
    """
    from ci_steps.model import Deployment, Release

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    found, needs = parse_version(version), tuple(map(parse_requirement, depends_on))
    release = Release(check_name(service, long_form=True), found, commit, needs)
    deployment = Deployment(
        service,
        found,
        commit,
        check_name(environment, what="the name of an environment"),
        slot or found.line,
        outside.now(),
        address=_checked(address),
        by=outside.environ.get("USER", ""),
    )
    with shell.dictionary_of(dictionary) as opened:
        warnings = list(_perhaps_misspelt(opened, service, environment))
        is_new = environment not in {one.name for one in opened.environments()}
        is_production = production or _is_production(opened, environment)
        opened.record_deployment(release, deployment, production=is_production)
        there = live_table(opened.live(environment, service))
        answer([there, unreachable(opened, [service])], "live", as_json=as_json)
    for text in warnings:
        console.warning(text)
    if is_new and not production:
        console.note(f"{environment} is a new environment: if it is production, say --production")


def _is_production(opened: Dictionary, environment: str) -> bool:
    return any(one.name == environment and one.production for one in opened.environments())


def _checked(address: str) -> str:
    if address and not is_web(address):
        raise UsageError(
            f"--address {address[:60]!r} cannot be asked over HTTP",
            hint="Write it like --address https://auth.shop.example.",
        )
    return address


def _perhaps_misspelt(opened: Dictionary, service: str, environment: str) -> Iterator[str]:
    """Yield what to look at twice: a new name that is near to one that is known."""
    places = [one.name for one in opened.environments()]
    if environment not in places and (near := nearest(environment, places)):
        yield f"{environment} is a new environment, did you mean {near}?"
    is_new = opened.service(service) is None
    if is_new and (near := nearest(service, [one.name for one in opened.services()])):
        yield f"{service} is a new service, did you mean {near}?"
