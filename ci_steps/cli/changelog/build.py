"""`ci-steps changelog build`: the change log as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.changelog.folder import Desk, desk_of, shown
from ci_steps.cli.changelog.group import folder_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_steps.changelog.document import ChangeLog

_FORMS = ("markdown", "html")


@click.command()
@click.option(
    "--form",
    "forms",
    multiple=True,
    type=click.Choice(_FORMS),
    help="What is written beside changelog.json: a page for people. May be given twice.",
)
@click.option("--to", "to", default="", metavar="FOLDER", help="Where, instead of this folder.")
@folder_options
def build(forms: tuple[str, ...], to: str, config: str, dictionary: str, *, as_json: bool) -> None:
    """Write changelog.json: what was released, what runs and who needs it, what will end.

    It is gathered from the dictionary, from the tags of git that are versions, from the files in
    changelog.d and from the changelog.json that is there: what was published stays. Commit it.

    Example: ci-steps changelog build --form html
    """
    console = shell.console_of(as_json)
    with desk_of(config, dictionary) as desk:
        log = gather(desk)
        files = list(_files(log, forms))
        folder = Path(to) if to else desk.folder.root
        for name, content in files:
            desk.outside.write(folder / name, content.encode())
    if as_json:
        from ci_steps.changelog.forms import as_json as document

        console.answer(document(log))
        return
    for name, _ in files:
        console.result(f"{shown((folder / name).absolute())}: {_counted(log)}")


def gather(desk: Desk) -> ChangeLog:
    """Return the change log; an error says every rule that it would break."""
    from ci_steps.changelog.checking import ViolationError, fragment_problems, problems_of
    from ci_steps.changelog.document import ChangeLog as Log
    from ci_steps.changelog.files import read_json
    from ci_steps.changelog.reading import FILE, read_folder
    from ci_steps.changelog.writing import as_text
    from ci_steps.errors import ConfigError

    root = desk.folder.root
    found = read_folder(root, root / FILE)
    if found.problems:
        raise ConfigError(found.problems)
    published = desk.called_now(found.log.value) if found.log else None
    log = desk.gathered(published, found.fragments)
    # What people wrote is wrong where they wrote it, and not where it would come.
    wrote = list(fragment_problems(found.fragments, log, desk.folder.version))
    if wrote:
        raise ViolationError(wrote, hint="Nothing was written.")
    written = read_json(Log, as_text(log), FILE)
    if problems := list(problems_of(written, desk.outside.now(), published)):
        hint = "Nothing was written. What was published stays: is it the right dictionary?"
        raise ViolationError(problems, hint=hint)
    return log


def _files(log: ChangeLog, forms: Iterable[str]) -> Iterator[tuple[str, str]]:
    from ci_steps.changelog.reading import FILE
    from ci_steps.changelog.writing import as_text

    yield FILE, as_text(log)
    if "markdown" in forms:
        from ci_steps.changelog.markdown_text import markdown

        yield "changelog.md", markdown(log)
    if "html" in forms:
        from ci_steps.changelog.page import page

        yield "changelog.html", page(log)


def _counted(log: ChangeLog) -> str:
    coming = sum(one.is_open for one in log.plan)
    ends = f"{coming} planned to end" if coming else "nothing planned to end"
    return f"{len(log.history)} released, {ends}"
