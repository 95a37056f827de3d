"""What `database` says -> the change that a release makes, with the note on how people go back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.config.document import read_text
from ci_steps.config.reading import Wrong
from ci_steps.errors import CiStepsError, UsageError
from ci_steps.model import DatabaseChange
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.config.settings import DatabaseSettings
    from ci_steps.versions import Version

BREAKING = "breaking"
_MOST_BYTES = 64_000


def change_of(
    said: DatabaseSettings | None, version: Version, folder: Path, wrong: list[Wrong]
) -> DatabaseChange | None:
    """Return the change, None where the release before can live with it, or note what is wrong."""
    if said is None or said.change != BREAKING:
        return None
    since = _since(said.since, version, wrong)
    try:
        note, source = _note(said.rollback.strip(), folder)
    except CiStepsError as error:
        return DatabaseChange(since, source=said.rollback, problem=str(error))
    return DatabaseChange(since, note, source)


def _since(written: str, version: Version, wrong: list[Wrong]) -> Version:
    if not written:
        return version
    try:
        since = parse_version(written, version.scheme)
    except CiStepsError as error:
        wrong.append(Wrong(("database", "since"), str(error)))
        return version
    if since > version:
        text = f"{since} comes after {version}, which is this release"
        wrong.append(Wrong(("database", "since"), text))
    return since


def _note(said: str, folder: Path) -> tuple[str, str]:
    """Return the note and the file it is from; a text of several words is the note itself."""
    if not said:
        raise UsageError("there is no rollback note")
    if len(said.split()) > 1 and not (folder / said).is_file():
        return said, ""
    note = read_text(folder / said, shown=said, most_bytes=_MOST_BYTES).strip()
    if not note:
        raise UsageError(f"the rollback note {said} is empty")
    return note, said
