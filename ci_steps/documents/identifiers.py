"""What a JSON Schema may be called by, beside its place: `$id`, `$anchor`, `$dynamicAnchor`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from ci_steps.documents.node import Path

_ANCHORS = ("$anchor", "$dynamicAnchor")


@dataclass(frozen=True)
class Identifiers:
    """The names in one document; `own` is that of the document itself."""

    own: str = ""
    ids: dict[str, Path] = field(default_factory=dict)
    anchors: dict[str, Path] = field(default_factory=dict)


def identifiers_of(document: Any) -> Identifiers:
    """Return every name in *document*."""
    own = _id(document)
    found = Identifiers(own)
    waiting: list[tuple[Path, Any, str]] = [((), document, "")]
    seen: set[int] = set()
    while waiting:
        path, one, around = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        called = _id(one)
        name = urljoin(around, called) if called else around
        if called:
            found.ids.setdefault(name.rstrip("#"), path)
            _, _, fragment = called.partition("#")
            if fragment:
                found.anchors.setdefault(fragment, path)
        entries = one.items() if isinstance(one, dict) else enumerate(one)
        for key, value in entries:
            if isinstance(value, (dict, list)):
                waiting.append(((*path, key), value, name))
            elif key in _ANCHORS and isinstance(value, str):
                found.anchors.setdefault(value, path)
    return found


def _id(value: Any) -> str:
    """Return its `$id`, or the `id` of draft 4 where that is no property's schema."""
    called = value.get("$id", value.get("id")) if isinstance(value, dict) else None
    is_reference = isinstance(called, str) and ("#" in called or ":" in called or "." in called)
    return called if is_reference and isinstance(called, str) else ""
