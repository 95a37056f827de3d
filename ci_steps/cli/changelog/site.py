"""`ci-steps changelog site`: static pages about every service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from ci_steps.changelog.document import ChangeLog

_TOLD_EVERY = 250


@click.command()
@click.argument("folder", default="site")
@click.option(
    "--documents",
    default="",
    metavar="FOLDER",
    help="Where services put their changelog.json, each as NAME.json.",
)
@shell.dictionary_option
@shell.json_option
def site(folder: str, documents: str, dictionary: str, *, as_json: bool) -> None:
    """Write an index and a page for each service into FOLDER: files that any web server serves.

    They say what runs and who needs it, what would have to happen for an old line to go, what
    will end and what was released. What services wrote and saw themselves, their words about
    changes and the calls of their lines, is in the documents that they published.

    Example: ci-steps changelog site public --documents logs
    """
    from ci_steps.changelog.site import FOLDER, INDEX, Site

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    if documents and not Path(documents).is_dir():
        raise UsageError(f"--documents {documents}: no such folder")
    published = _Published(Path(documents) if documents else None)
    written = 0
    with shell.dictionary_of(dictionary) as opened:
        for name, content in Site(opened, outside.now(), published.read).files():
            outside.write(Path(folder) / name, content.encode())
            written += 1
            if written % (2 * _TOLD_EVERY) == 0:
                console.note(f"{written // 2:,} services")
    services = (written - 1) // 2
    for problem in published.problems:
        console.warning(problem)
    if as_json:
        console.answer(
            {
                "schema": "ci-steps/changelog-site/1",
                "folder": folder,
                "services": services,
                "files": written,
                "problems": published.problems,
            }
        )
    else:
        console.result(f"{Path(folder) / INDEX}: {services:,} services in {FOLDER}/")


class _Published:
    """The documents of services; what cannot be read is a problem, and the page has less."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.problems: list[str] = []

    def read(self, service: str) -> ChangeLog | None:
        """Return what a service published, if it did."""
        from ci_steps.changelog.files import UnreadableError
        from ci_steps.changelog.reading import read_log

        path = self._folder / f"{service}.json" if self._folder else None
        if path is None or not path.is_file():
            return None
        try:
            log = read_log(path, str(path)).value
        except UnreadableError as error:
            self.problems += map(str, error.problems[:1])
            return None
        if log.service != service:
            self.problems.append(f"{path}: is the change log of {log.service}")
            return None
        return log
