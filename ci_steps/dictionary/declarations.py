"""What releases say about themselves, as text that one column holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ci_steps.model import DatabaseChange
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping


def written(places: Mapping[str, str]) -> str:
    """Return places as they are kept: ``{"auth": "ci-steps.yaml:7"}``."""
    return json.dumps(dict(sorted(places.items())), ensure_ascii=False) if places else ""


def read(text: str) -> dict[str, str]:
    """Return the places of which `written` made a text; of no text none."""
    return dict(json.loads(text)) if text else {}


def written_change(change: DatabaseChange | None) -> str:
    """Return what a release changes in its database for good, as it is kept."""
    if change is None:
        return ""
    kept = {"since": str(change.since), "note": change.note, "source": change.source}
    return json.dumps(kept, ensure_ascii=False)


def read_change(text: str) -> DatabaseChange | None:
    """Return what `written_change` made a text of; of no text nothing."""
    if not text:
        return None
    kept = json.loads(text)
    return DatabaseChange(parse_version(kept["since"]), kept["note"], kept["source"])
