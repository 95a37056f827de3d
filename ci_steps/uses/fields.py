"""Ways to fields as people and matching rules write them: ``items[*].name``, ``$.body['a b']``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ci_steps.uses.values import EACH, Field

_STEP = re.compile(
    r"""\.?(?P<name>[^.\[\]'"\s,:][^.\[\]'"]*)|\[(?P<at>\*?|[0-9]+)\]"""
    r"""|\.?\[(?:'(?P<single>[^']+)'|"(?P<double>[^"]+)")\]"""
)


def read_field(text: str) -> Field | None:
    """Return the way that *text* writes, or None if it writes none.

    An index stands for any element, for all of a list are alike.
    """
    steps: list[str] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return None
        named = found["name"] or found["single"] or found["double"]
        steps.append(named.strip() if named else EACH)
        at = found.end()
    return tuple(steps) or None


def fields_in(body: Any) -> tuple[Field, ...]:
    """Return the ways to the ends of an example: what it has not, nobody reads."""
    found = dict.fromkeys(_ends(body))
    # An empty object beside others of the same list is not read as a whole.
    passed = {way[:length] for way in found for length in range(len(way))}
    return tuple(way for way in found if way not in passed)


def _ends(body: Any) -> Iterator[Field]:
    waiting: list[tuple[Field, Any]] = [((), body)]
    while waiting:
        way, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [((*way, str(key)), part) for key, part in reversed(value.items())]
        elif isinstance(value, list) and value:
            waiting += [((*way, EACH), part) for part in reversed(value)]
        else:
            yield way
