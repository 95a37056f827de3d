"""`ci-steps changelog check`: the rules of a change log, all of them at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.changelog.folder import Desk, desk_of
from ci_steps.cli.changelog.group import folder_options

if TYPE_CHECKING:
    from ci_steps.changelog.document import ChangeLog
    from ci_steps.changelog.reading import Folder
    from ci_steps.errors import Problem


@click.command()
@click.argument("file", default="")
@click.option(
    "--against",
    default="",
    metavar="REVISION",
    help="What git has of it there, such as origin/main; without it, what was committed before.",
)
@folder_options
def check(file: str, against: str, config: str, dictionary: str, *, as_json: bool) -> int:
    """Say everything that is wrong with changelog.json and with the files in changelog.d.

    History only grows and says what the dictionary knows; a bugfix takes nothing away; nothing
    arrives already deprecated; a day moves later with a reason, and earlier only where it is
    urgent. The exit status is 0 only where nothing is wrong.

    Example: ci-steps changelog check --against origin/main
    """
    from ci_steps.changelog.checking import ViolationError
    from ci_steps.changelog.reading import FILE, read_folder
    from ci_steps.errors import UsageError

    console = shell.console_of(as_json)
    with desk_of(config, dictionary) as desk:
        path = Path(file).absolute() if file else desk.folder.root / FILE
        if not path.exists():
            hint = "Write it: ci-steps changelog build"
            raise UsageError(f"{file or FILE}: no such file", hint=hint)
        found = read_folder(desk.folder.root, path)
        before, revision, unread = _before(desk, path, against)
        problems = sorted({*found.problems, *unread, *_problems(desk, found, before)})
    if as_json:
        console.answer(_document(problems, revision))
        return 1 if problems else 0
    if problems:
        hint = "ci-steps changelog build writes it from what the dictionary knows."
        raise ViolationError(problems, hint=hint)
    than = f", compared with {revision}" if revision else ", with nothing to compare it with"
    console.result(f"{path.name} breaks no rule{than}")
    return 0


def _before(
    desk: Desk, path: Path, against: str
) -> tuple[ChangeLog | None, str, tuple[Problem, ...]]:
    """Return what was published before, and its commit."""
    from ci_steps.changelog.document import ChangeLog as Log
    from ci_steps.changelog.files import UnreadableError, read_json
    from ci_steps.changelog.reading import published_before

    text, revision = published_before(path, against, desk.outside)
    if not revision:
        return None, "", ()
    try:
        log = read_json(Log, text, f"{revision}:{path.name}").value
        return desk.called_now(log), revision, ()
    except UnreadableError as error:
        return None, revision, error.problems


def _problems(desk: Desk, found: Folder, before: ChangeLog | None) -> list[Problem]:
    from ci_steps.changelog.checking import fragment_problems, problems_of

    known = None
    if desk.dictionary.service(desk.folder.service):
        known = desk.gathered(None, (), with_calls=False)
    log = found.log.value if found.log else known
    problems: list[Problem] = []
    if found.log:
        problems += problems_of(found.log, desk.outside.now(), before, known)
    if log:
        problems += fragment_problems(found.fragments, log, desk.folder.version)
    return problems


def _document(problems: list[Problem], revision: str) -> dict[str, object]:
    listed = [
        {"file": one.file, "line": one.line, "key": one.key, "text": one.text} for one in problems
    ]
    return {
        "schema": "ci-steps/changelog-check/1",
        "passed": not problems,
        "compared_with": revision,
        "problems": listed,
    }
