"""Documents as JSON, and as YAML in the form that people write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_INDENT = "  "
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9 _./{}-]*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def as_json(document: Any) -> str:
    """Return *document* as generators write it: a line for each value."""
    return json.dumps(document, indent=1) + "\n"


def as_yaml(document: Any) -> str:
    """Return *document* in block style; the same content as its JSON."""
    return "\n".join(_block(document, "")) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", one, indent)
    else:
        for one in value:
            first, *others = _block(one, indent + _INDENT) if _is_nested(one) else [_scalar(one)]
            yield f"{indent}- {first.lstrip()}"
            yield from others


def _entry(begun: str, value: Any, indent: str) -> Iterator[str]:
    if _is_nested(value):
        yield begun
        yield from _block(value, indent + _INDENT)
    else:
        yield f"{begun} {_scalar(value)}"


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _scalar(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    if is_plain and value == value.strip() and value.lower() not in _WORDS_OF_YAML:
        return str(value)
    return json.dumps(value)
