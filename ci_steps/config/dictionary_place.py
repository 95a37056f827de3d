"""Where the dictionary is, when nobody has said it in the file of a service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ci_steps.config.document import read
from ci_steps.config.sources import FILE
from ci_steps.outside import Outside


def dictionary_url(outside: Outside, flag: str, setting: str, root: Path) -> str:
    """Return where the dictionary is: flag, CI_STEPS_DICTIONARY, file, or the embedded default.

    A path in the file is meant from the folder *root* of the service, one that somebody
    types from where they are.
    """
    given = flag or outside.environ.get("CI_STEPS_DICTIONARY", "")
    if given:
        return given
    if setting:
        return setting if "://" in setting else str(root / Path(setting).expanduser())
    return usual_place(outside)


def usual_place(outside: Outside) -> str:
    """Return the file of the embedded dictionary, where nobody has named another one."""
    home = outside.environ.get("HOME") or str(Path.home())
    data = outside.environ.get("XDG_DATA_HOME") or str(Path(home) / ".local" / "share")
    return str(Path(data) / "ci-steps" / "dictionary.db")


def any_dictionary_url(outside: Outside, flag: str, folder: Path) -> str:
    """Return where the dictionary is for a command that needs no service; a file may say it."""
    file = folder / FILE
    setting: Any = ""
    if not (flag or outside.environ.get("CI_STEPS_DICTIONARY")) and file.is_file():
        content = read(file, shown=FILE).content
        setting = content.get("dictionary", "") if isinstance(content, Mapping) else ""
    return dictionary_url(outside, flag, setting if isinstance(setting, str) else "", folder)
