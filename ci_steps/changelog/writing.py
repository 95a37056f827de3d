"""A change log as the text of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.changelog.forms import as_json
from ci_steps.writing.indented_json import indented

if TYPE_CHECKING:
    from ci_steps.changelog.document import ChangeLog


def as_text(log: ChangeLog) -> str:
    """Return what `changelog.json` says; reading it is the inverse."""
    return indented(as_json(log)) + "\n"
