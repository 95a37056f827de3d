"""`ci-steps retirement overlay`: what will end of a line, said in its OpenAPI document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from ci_steps.changelog.overlay import Overlay
    from ci_steps.comparisons.changes import Contract
    from ci_steps.dictionary.store import Dictionary


@click.command()
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@click.option(
    "--contract", default="", metavar="FILE", help="The OpenAPI document, instead of the kept one."
)
@shell.dictionary_option
@shell.json_option
def overlay(
    service: str, line: str, environment: str, contract: str, dictionary: str, *, as_json: bool
) -> None:
    """Print an OpenAPI overlay that says in the description of LINE what will end, and when.

    Operations, parameters and fields of the plan, and all operations where the end of the line
    was announced, get deprecated and x-sunset. Any tool that applies overlays puts it into the
    document, which is that of the version that runs, or of the newest one of the line.

    Example: ci-steps retirement overlay auth 1 > overlay.json
    """
    console = shell.console_of(as_json)
    with shell.dictionary_of(dictionary) as opened:
        name = opened.known_service(service).name
        place = opened.known_environment(environment).name
        main = line.removeprefix("v")
        described = _file(Path(contract)) if contract else _kept(opened, name, main, place)
        found = _overlay(opened, name, main, place, described)
    for one in found.missing:
        console.warning(f"{one} is planned to end, and is not in {described.name}")
    if not found.document["actions"]:
        raise RefusedError(
            f"nothing of line {main} of {name} that its contract describes is planned to end",
            hint=f"Plan it: ci-steps changelog plan add operation 'GET /…' --service {name} …",
        )
    if as_json:
        console.answer(
            {
                "schema": "ci-steps/retirement-overlay/1",
                "overlay": found.document,
                "missing": list(found.missing),
            }
        )
    else:
        console.answer(found.document)


def _overlay(
    opened: Dictionary, service: str, line: str, environment: str, contract: Contract
) -> Overlay:
    from ci_steps.changelog.building import planned
    from ci_steps.changelog.overlay import overlay as overlay_of

    now = shell.outside_of(shell.console_of(None)).now()
    with opened.reading() as connection:
        plan = planned(connection, service, now)
    here = [one for one in plan if one.is_open and one.environment in {"", environment}]
    return overlay_of(service, line, here, _described(contract))


def _kept(opened: Dictionary, service: str, line: str, environment: str) -> Contract:
    """Return the contract of the version of the line that runs, or else of its newest one."""
    from ci_steps.dictionary.contracts.kept import kept_contract

    running = {one.version for one in opened.live(environment, service)}
    of_line = [one for one in opened.releases(service) if one.version.line == line]
    for one in sorted(of_line, key=lambda one: one.version not in running):
        with opened.reading() as connection:
            name = f"{service}@{one.version}"
            if kept := kept_contract(connection, one.contract_digest, name):
                return kept
    raise UsageError(
        f"the dictionary has no contract of line {line} of {service}",
        hint="Name the file: --contract openapi.yaml",
    )


def _file(path: Path) -> Contract:
    from ci_steps.comparisons.changes import Contract
    from ci_steps.config.document import read_text

    text = read_text(path, shown=str(path), most_bytes=_MOST_BYTES)
    return Contract(str(path), path.name, {path.name: text.encode()})


_MOST_BYTES = 50_000_000


def _described(contract: Contract) -> Any:
    """Return what an OpenAPI document says."""
    from ci_steps.documents.library import Library

    value = Library(contract).document(contract.main).root.value if contract.main else None
    if not isinstance(value, dict) or not {"openapi", "swagger"} & set(value):
        raise UsageError(f"{contract.name} is no OpenAPI document", hint="Overlays are for those.")
    return value
