"""`ci-steps dictionary export`: everything a dictionary holds, for a backup or a move."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@click.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@shell.dictionary_option
def export_command(file: Path | None, dictionary: str) -> None:
    """Write everything the dictionary holds into FILE, or to the output, as JSON Lines.

    Folders on the way to FILE are made. `ci-steps dictionary load FILE` makes the same
    dictionary of it, in a file or on a server. It holds what the outbox still has to send: let
    only one of the two dictionaries send it.

    Example: ci-steps dictionary export dictionary.jsonl
    """
    from ci_steps.dictionary.exports.export import export

    console = shell.console_of(None)
    with shell.dictionary_of(dictionary) as opened, opened.reading() as connection:
        lines = export(connection)
        if file is None:
            for line in lines:
                console.result(line)
            return
        shell.outside_of(console).write(file, _encoded(lines))
    console.line(f"exported into {file}")


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    for line in lines:
        yield f"{line}\n".encode()
