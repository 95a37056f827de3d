"""Two versions of a contract in a line each, and what a comparison says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.outside import Outside

Files = Mapping[str, str]


def contract(name: str, files: Files, main: str = "") -> Contract:
    return Contract(name, main, {file: text.encode() for file, text in files.items()})


def told(changes: tuple[Change, ...]) -> list[str]:
    """Return ``level rule subject old new``, a line each."""
    return [
        f"{one.level.name.lower()} {one.rule} {one.subject} {one.old or '-'} {one.new or '-'}"
        for one in changes
    ]


def compared(module: Any, old: Files, new: Files, **options: Any) -> list[str]:
    """Return what *module* says about two folders."""
    pair = contract("api", old), contract("api", new)
    return told(module.compare(*pair, module.Options(**options), Outside()))
