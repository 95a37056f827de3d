"""`ci-steps dictionary`: ask it, and tell it about what ci-steps does not deploy."""

from __future__ import annotations

from pathlib import Path

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary import (
    catalog,
    graph,
    may_deploy,
    questions,
    record,
    rename,
    tables,
    verify,
)
from ci_steps.cli.dictionary.export import export_command
from ci_steps.cli.dictionary.printed import answer
from ci_steps.cli.dictionary.unreachable import unreachable
from ci_steps.cli.groups import CommandGroup

_WORLD_BYTES = 10_000_000


@click.group(cls=CommandGroup)
def group() -> None:
    """Ask who runs where, who needs whom, and who owns it."""


@group.command()
@click.argument("service", required=False, default="")
@shell.dictionary_option
@shell.json_option
def show(service: str, dictionary: str, *, as_json: bool) -> None:
    """Show everything about SERVICE, or a line for each service.

    Example: ci-steps dictionary show auth
    """
    with shell.dictionary_of(dictionary) as opened:
        if service:
            opened.known_service(service)
            found = (*tables.service_tables(opened, service), unreachable(opened, [service]))
            answer(found, "service", as_json=as_json)
        else:
            answer([tables.overview(opened), unreachable(opened)], "services", as_json=as_json)


@group.command()
@click.argument("file", type=click.Path(path_type=Path))
@shell.dictionary_option
@shell.json_option
def load(file: Path, dictionary: str, *, as_json: bool) -> None:
    """Load owners, services, environments, releases and deployments from a YAML or JSON FILE.

    Loading the same file again changes nothing. The form is in docs/reference/world-file.md.
    What `dictionary export` has written is loaded whole, into a dictionary that is empty.

    Example: ci-steps dictionary load world.yaml
    """
    from ci_steps.dictionary.exports.loading import is_export, load_export

    if is_export(file):
        with shell.dictionary_of(dictionary) as opened:
            counts = tables.loaded_table(load_export(opened, file))
            answer([counts, unreachable(opened)], "loaded", as_json=as_json)
        return
    from ci_steps.config.document import read
    from ci_steps.dictionary.worlds.world import load_world
    from ci_steps.errors import ConfigError, Problem

    document = read(file, most_bytes=_WORLD_BYTES)
    if not isinstance(document.content, dict):
        raise ConfigError([Problem(str(file), 0, "", "expected keys and values")])
    with shell.dictionary_of(dictionary) as opened:
        loaded = load_world(opened, document.content, str(file), lines=document.lines)
        answer([tables.loaded_table(loaded), unreachable(opened)], "loaded", as_json=as_json)


group.add_command(may_deploy.may_deploy)
group.add_command(catalog.import_command)
group.add_command(catalog.export_catalog)
group.add_command(export_command)

for _command in questions.COMMANDS:
    group.add_command(_command)
group.add_command(record.record)
group.add_command(rename.rename)
group.add_command(verify.verify)
group.add_command(verify.policy)
group.add_command(graph.graph)
