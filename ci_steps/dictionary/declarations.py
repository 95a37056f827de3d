"""Where releases declare what they need: by provider, as text that one column holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def written(places: Mapping[str, str]) -> str:
    """Return places as they are kept: ``{"auth": "ci-steps.yaml:7"}``."""
    return json.dumps(dict(sorted(places.items())), ensure_ascii=False) if places else ""


def read(text: str) -> dict[str, str]:
    """Return the places of which `written` made a text; of no text none."""
    return dict(json.loads(text)) if text else {}
