"""The folder of a service as `init` reads it: small files, and none that is missing is an error."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_MOST_BYTES = 1_000_000


class Folder:
    """Reads what lies in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, name: str) -> bool:
        """Return whether a file or folder is there."""
        return (self.root / name).exists()

    def first(self, *patterns: str) -> str:
        """Return the first file or folder that a pattern names, or nothing."""
        for pattern in patterns:
            found = sorted(path for path in self.root.glob(pattern) if path.exists())
            if found:
                return found[0].relative_to(self.root).as_posix()
        return ""

    def text(self, name: str) -> str:
        """Return what is in a file; nothing where it cannot be read."""
        try:
            with (self.root / name).open("rb") as file:
                return file.read(_MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""

    def json(self, name: str) -> dict[str, Any]:
        """Return an object of JSON; an empty one where there is none."""
        try:
            found = json.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def toml(self, name: str) -> dict[str, Any]:
        """Return what is in a TOML file; nothing where it cannot be read."""
        tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
        try:
            found: dict[str, Any] = tomllib.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}
        return found


def at(content: Any, *keys: str) -> Any:
    """Return a value inside objects, or None."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content
