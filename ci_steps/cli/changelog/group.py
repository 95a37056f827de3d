"""`ci-steps changelog`: what was released, what runs, and what will end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import LazyGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_steps.changelog.files import Placed
    from ci_steps.changelog.fragments import Fragment

LAZY = {
    "build": (".changelog.build:build", "Write the change log of the service in this folder."),
    "check": (".changelog.check:check", "Say everything that breaks its rules."),
    "add": (".changelog.group:add", "Write down a change for the next release."),
    "plan": (".changelog.plan:group", "Announce what will end, and move its day."),
    "site": (".changelog.site:site", "Write pages about every service."),
}


@click.group(cls=LazyGroup)
def group() -> None:
    """Write, check and show the change log of a service: history, current and plan."""


group.lazy = LAZY


def folder_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command has that works in the folder of a service."""
    option = click.option(
        "--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml."
    )
    return option(shell.dictionary_option(shell.json_option(command)))


@click.command()
@click.argument(
    "kind", type=click.Choice(["added", "changed", "deprecated", "removed", "fixed", "security"])
)
@click.argument("text")
@click.option("--what", default="", help="What changed, as contracts are compared: DELETE /tokens.")
@click.option("--migration", default="", help="What whoever used it does now.")
@click.option("--release", default="", metavar="VERSION", help="Its release; without it the next.")
@folder_options
def add(
    kind: str,
    text: str,
    what: str,
    migration: str,
    release: str,
    config: str,
    dictionary: str,
    *,
    as_json: bool,
) -> None:
    """Write TEXT about a change into a file of its own in changelog.d, for the next release.

    Where the comparison of contracts finds the same change, the text and what to do are said
    of that one.

    Example: ci-steps changelog add removed "Tokens expire by themselves." --what "DELETE /tokens"
    --migration "Leave the call out."
    """
    from ci_steps.changelog.fragments import FOLDER, name_of, written
    from ci_steps.config.changelog import load_changelog
    from ci_steps.config.sources import Flags

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    folder = load_changelog(outside, Flags(config=config, dictionary=dictionary))
    said = {"kind": kind, "text": text, "what": what, "migration": migration, "version": release}
    content = written(said)
    fragment = _checked(content).value
    place = folder.root / FOLDER
    name = name_of(fragment, (one.name for one in place.glob("*")) if place.is_dir() else ())
    outside.write(place / name, content.encode())
    if as_json:
        console.answer(
            {"schema": "ci-steps/changelog-fragment/1", "file": f"{FOLDER}/{name}", **said}
        )
    else:
        console.result(f"{FOLDER}/{name}")


def _checked(content: str) -> Placed[Fragment]:
    """Return what would be read; UsageError says what is wrong with it."""
    from ci_steps.changelog.files import UnreadableError
    from ci_steps.changelog.fragments import parse
    from ci_steps.errors import UsageError

    try:
        return parse(content, "")
    except UnreadableError as error:
        told = "; ".join(f"{one.key}: {one.text}" for one in error.problems)
        raise UsageError(told, hint="See ci-steps changelog add --help.") from None
