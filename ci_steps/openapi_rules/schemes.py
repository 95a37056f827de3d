"""Security schemes: what callers send, whatever a scheme is called."""

from __future__ import annotations

from typing import Any

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Api

_KEYS = ("type", "in", "name", "scheme", "openIdConnectUrl")
_TEXTS = {"description", "bearerFormat"}


def schemes_of(api: Api) -> dict[str, Node]:
    """Return the schemes of an API by name; in Swagger 2.0 they are elsewhere."""
    places = (("components", "securitySchemes"), ("securityDefinitions",))
    found = (api.root.at(*keys) for keys in places)
    return {name: one.resolved() for node in found if node for name, one in node.entries()}


def renamed(old: Api, new: Api) -> dict[str, str]:
    """Return the schemes of *new* that *old* calls otherwise, with the names they have there."""
    before, after = schemes_of(old), schemes_of(new)
    gone = {name: _meant(before[name]) for name in before.keys() - after.keys()}
    found: dict[str, str] = {}
    for name in after.keys() - before.keys() if gone else ():
        alike = [other for other, meant in gone.items() if meant == _meant(after[name])]
        if len(alike) == 1:
            found[name] = alike[0]
    return found if len(set(found.values())) == len(found) else {}


def said_of(scheme: Node) -> dict[str, str]:
    """Return what a scheme says of what is sent: names of headers and of schemes have no case."""
    said = {key: str(node.value) if (node := scheme.get(key)) else "" for key in _KEYS}
    if said["type"] == "basic":  # so Swagger 2.0 calls it
        said |= {"type": "http", "scheme": "basic"}
    if said["in"] == "header":
        said["name"] = said["name"].lower()
    return {**said, "scheme": said["scheme"].lower()}


def _meant(scheme: Node) -> dict[str, Any]:
    rest = scheme.value if scheme.is_mapping else {}
    return {**{key: one for key, one in rest.items() if key not in _TEXTS}, **said_of(scheme)}
