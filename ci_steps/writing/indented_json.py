"""JSON as people read it, written by the encoder in C.

`json.dumps` goes through everything in Python as soon as it indents, which takes ten times as long.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_STEP = "  "
_NESTED: frozenset[type[Any]] = frozenset({dict, list, tuple})
_scalar = json.JSONEncoder(ensure_ascii=False).encode


def indented(value: Any, margin: str = "\n") -> str:
    """Return what `json.dumps` writes with an indent of 2; *margin* begins the lines of *value*."""
    inner = margin + _STEP
    if isinstance(value, Mapping) and value:
        entries = (f"{_key(key)}: {indented(one, inner)}" for key, one in value.items())
        return f"{{{inner}{f',{inner}'.join(entries)}{margin}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{inner}{_items(value, inner)}{margin}]"
    return _scalar(value)


def _key(key: Any) -> str:
    return _scalar(key if isinstance(key, str) else _scalar(key))


def _items(items: list[Any] | tuple[Any, ...], margin: str) -> str:
    if _NESTED.isdisjoint(map(type, items)):
        encoder = json.JSONEncoder(ensure_ascii=False, separators=(f",{margin}", ": "))
        return encoder.encode(items)[1:-1]
    return f",{margin}".join(indented(one, margin) for one in items)
