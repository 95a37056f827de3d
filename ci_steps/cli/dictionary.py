"""`ci-steps dictionary`: ask it, and tell it about what ci-steps does not deploy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import catalog, may_deploy, shell
from ci_steps.cli import dictionary_tables as tables
from ci_steps.cli.export import export_command
from ci_steps.cli.groups import CommandGroup
from ci_steps.cli.unreachable import unreachable
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.model import Table

_WORLD_BYTES = 10_000_000


@click.group(cls=CommandGroup)
def group() -> None:
    """Ask who runs where, who needs whom, and who owns it."""


@group.command()
@click.argument("service", required=False, default="")
@shell.dictionary_option
@shell.json_option
def show(service: str, dictionary: str, *, as_json: bool) -> None:
    """Show everything about SERVICE, or a line for each service."""
    with shell.dictionary_of(dictionary) as opened:
        if service:
            opened.known_service(service)
            found = (*tables.service_tables(opened, service), unreachable(opened, [service]))
            _answer(found, "service", as_json=as_json)
        else:
            _answer([tables.overview(opened), unreachable(opened)], "services", as_json=as_json)


@group.command()
@click.argument("service")
@click.argument("line", required=False, default="")
@click.option("--environment", default="", help="Only what is live there.")
@shell.dictionary_option
@shell.json_option
def dependents(
    service: str, line: str, environment: str, dictionary: str, *, as_json: bool
) -> None:
    """Show which live services need SERVICE, or one LINE of it, and who owns them.

    Example: ci-steps dictionary dependents auth 1
    """
    with shell.dictionary_of(dictionary) as opened:
        if environment:
            opened.known_environment(environment)
        found = opened.dependents(service, line.removeprefix("v"), environment)
        if not found:
            opened.known_service(service)
        nobody = unreachable(opened, [one.service for one in found])
        _answer([tables.dependents_table(found), nobody], "dependents", as_json=as_json)


@group.command()
@click.argument("environment", required=False, default="")
@shell.dictionary_option
@shell.json_option
def live(environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show what runs in ENVIRONMENT, or everywhere."""
    with shell.dictionary_of(dictionary) as opened:
        if environment:
            opened.known_environment(environment)
        found = opened.live(environment)
        nobody = unreachable(opened, [one.service for one in found])
        _answer([tables.live_table(found), nobody], "live", as_json=as_json)


@group.command()
@click.argument("service")
@click.argument("version")
@click.argument("environment")
@click.option("--depends-on", multiple=True, metavar="REQUIREMENT", help="What it needs: auth-1.1.")
@click.option("--commit", default="unknown", help="The commit it was built from.")
@click.option("--slot", default="", help="The instance place; by default the version's line.")
@click.option("--address", default="", help="Where it answers, for those who ask its version.")
@click.option("--production", is_flag=True, help="The environment is production.")
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
    """
    from ci_steps.model import Deployment, Environment, Release
    from ci_steps.versions import check_name

    found = parse_version(version)
    needs = tuple(parse_requirement(text) for text in depends_on)
    outside = shell.outside_of(shell.console_of(as_json))
    with shell.dictionary_of(dictionary) as opened:
        known = {one.name: one for one in opened.environments()}
        place = known.get(environment) or Environment(check_name(environment), production)
        opened.record_environment(place)
        deployment = Deployment(
            check_name(service),
            found,
            commit,
            environment,
            slot or found.line,
            outside.now(),
            address=address,
            by=outside.environ.get("USER", ""),
        )
        release = Release(service, found, commit, needs)
        opened.record_deployment(release, deployment, production=place.production)
        recorded = opened.live(environment, service)
        nobody = unreachable(opened, [service])
        _answer([tables.live_table(recorded), nobody], "live", as_json=as_json)


@group.command()
@click.argument("file", type=click.Path(path_type=Path))
@shell.dictionary_option
@shell.json_option
def load(file: Path, dictionary: str, *, as_json: bool) -> None:
    """Load owners, services, environments, releases and deployments from a YAML or JSON FILE.

    Loading the same file again changes nothing. The form is in docs/reference/world-file.md.
    What `dictionary export` has written is loaded whole, into a dictionary that is empty.
    """
    from ci_steps.dictionary.export_loading import is_export, load_export

    if is_export(file):
        with shell.dictionary_of(dictionary) as opened:
            counts = tables.loaded_table(load_export(opened, file))
            _answer([counts, unreachable(opened)], "loaded", as_json=as_json)
        return
    from ci_steps.config.document import read
    from ci_steps.dictionary.world import load_world
    from ci_steps.errors import ConfigError, Problem

    document = read(file, most_bytes=_WORLD_BYTES)
    if not isinstance(document.content, dict):
        raise ConfigError([Problem(str(file), 0, "", "expected keys and values")])
    with shell.dictionary_of(dictionary) as opened:
        loaded = load_world(opened, document.content, str(file), lines=document.lines)
        _answer([tables.loaded_table(loaded), unreachable(opened)], "loaded", as_json=as_json)


group.add_command(may_deploy.may_deploy)
group.add_command(catalog.import_command)
group.add_command(catalog.export_catalog)
group.add_command(export_command)


def _answer(found: Sequence[Table], name: str, *, as_json: bool) -> None:
    console = shell.console_of(as_json)
    if as_json:
        console.answer(tables.document(found, name))
        return
    for table in found:
        if table.rows:
            console.table(table, result=True)
    if not any(table.rows for table in found):
        console.result(f"nothing: no {found[0].title.lower()}")
