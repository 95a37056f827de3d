"""What people write about a change: one small file for each, in the folder of the service.

kind: removed
what: DELETE /tokens
text: Tokens expire by themselves; they can no longer be deleted.
migration: Leave the call out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.changelog.document import Change, Severity, Sort
from ci_steps.changelog.files import Placed, UnreadableError, read_yaml
from ci_steps.changelog.forms import key
from ci_steps.errors import CiStepsError, Problem, UsageError
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FOLDER = "changelog.d"
SUFFIX = ".yaml"

_MOST_BYTES = 100_000
_MOST_FILES = 10_000
_MOST_LETTERS = 60


def _check_text(text: str) -> None:
    if not text.strip():
        raise UsageError("is empty")


@dataclass(frozen=True)
class Fragment:
    """A change that somebody wrote down."""

    kind: Sort = key("What it did.")
    text: str = key("A sentence about it.", check=_check_text)
    what: str = key("What changed, as contracts are compared: DELETE /tokens.", "")
    migration: str = key("What whoever used it does now; needed if something was removed.", "")
    version: str = key(
        "The release it came with; without it, the next one.", "", check=parse_version
    )

    @property
    def change(self) -> Change:
        """The change as the change log has it."""
        return Change(self.kind, self.what, self.text, self.migration, Severity.UNKNOWN, "")


def read_fragments(folder: Path, shown: str) -> tuple[Placed[Fragment], ...]:
    """Return what lies in *folder*, by name; UnreadableError with everything that is wrong."""
    paths = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    if len(paths) > _MOST_FILES:
        raise UnreadableError([Problem(shown, 0, "", f"more than {_MOST_FILES:,} files")])
    read = [_tried(path, f"{shown}/{path.name}") for path in paths]
    if problems := [one for _, problems in read for one in problems]:
        raise UnreadableError(problems)
    return tuple(placed for placed, _ in read if placed)


def _tried(path: Path, name: str) -> tuple[Placed[Fragment] | None, tuple[Problem, ...]]:
    try:
        return _fragment(path, name), ()
    except UnreadableError as error:
        return None, error.problems


def _fragment(path: Path, name: str) -> Placed[Fragment]:
    from ci_steps.config.document import read_text

    try:
        text = read_text(path, shown=name, most_bytes=_MOST_BYTES)
    except CiStepsError as error:
        raise UnreadableError(getattr(error, "problems", ())) from None
    return parse(text, name)


def parse(text: str, name: str) -> Placed[Fragment]:
    """Return what a file says; UnreadableError with everything that is wrong."""
    placed = read_yaml(Fragment, text, name)
    if placed.value.kind is Sort.REMOVED and not placed.value.migration.strip():
        raise UnreadableError([placed.problem(("migration",), _NO_WAY_ON)])
    return placed


_NO_WAY_ON = "must be given where something was removed: say what whoever used it does now"


def written(said: Mapping[str, str]) -> str:
    """Return the file that says this; the inverse of reading it."""
    import yaml

    order = ("kind", "what", "text", "migration", "version")
    given = {name: said[name] for name in order if said.get(name)}
    text: str = yaml.safe_dump(given, sort_keys=False, allow_unicode=True, width=100)
    return text


def name_of(fragment: Fragment, taken: Iterable[str]) -> str:
    """Return the name of a file that nothing has yet: delete-tokens.removed.yaml."""
    words = re.sub(r"[^a-z0-9]+", "-", (fragment.what or fragment.text).lower()).strip("-")
    begin = f"{words[:_MOST_LETTERS].rstrip('-') or 'change'}.{fragment.kind.value}"
    names = set(taken)
    name, number = begin, 1
    while f"{name}{SUFFIX}" in names:
        number += 1
        name = f"{begin}.{number}"
    return f"{name}{SUFFIX}"
