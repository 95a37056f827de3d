"""The plan as an OpenAPI overlay: what is deprecated, and from which day it is gone.

https://spec.openapis.org/overlay/v1.0.0: actions whose targets are JSONPath (RFC 9535).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_steps.changelog.document import Kind
from ci_steps.changelog.overlay_targets import METHODS, Keys, targets

if TYPE_CHECKING:
    from ci_steps.changelog.document import Item

_VERSION = "1.0.0"
_IN_CONTRACTS = frozenset({Kind.OPERATION, Kind.PARAMETER, Kind.FIELD})


@dataclass(frozen=True)
class Overlay:
    """The document, and what of the plan is not in the API it was made for."""

    document: dict[str, Any]
    missing: tuple[str, ...]


def overlay(service: str, line: str, plan: Iterable[Item], api: Any) -> Overlay:
    """Return what the plan says about *api*, the description of a line."""
    actions, missing = [], []
    for item in plan:
        if item.kind is Kind.LINE and item.subject == line:
            # Every operation of every path, as far as it is there.
            methods = ", ".join(map(_quoted, METHODS))
            actions.append(_action(f"$.paths[*][{methods}]", item))
        elif item.kind in _IN_CONTRACTS:
            found = targets(item, api)
            actions += [_action(_path(keys), item) for keys in found]
            missing += [] if found else [f"the {item.kind.value} {item.subject}"]
    title = f"What will end of {service}, line {line}"
    info = {"title": title, "version": _VERSION}
    return Overlay({"overlay": _VERSION, "info": info, "actions": actions}, tuple(missing))


def _action(target: str, item: Item) -> dict[str, Any]:
    update: dict[str, Any] = {"deprecated": True}
    if item.retire_on:
        update["x-sunset"] = item.retire_on.isoformat()
    instead = f" Instead: {item.instead}." if item.instead else ""
    return {"target": target, "description": f"{item.why}.{instead}", "update": update}


def _path(keys: Keys) -> str:
    """Return keys as JSONPath."""
    parts = (f"[{key}]" if isinstance(key, int) else f"[{_quoted(key)}]" for key in keys)
    return f"${''.join(parts)}"


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{''.join(map(_printable, escaped))}'"


def _printable(letter: str) -> str:
    return letter if letter >= " " else f"\\u{ord(letter):04x}"
