"""How OAuth gives tokens: by which flows, where, and with which scopes."""

from __future__ import annotations

from ci_steps.documents.node import Node
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.spots import Spot

_RULE = "api-security-component-oauth"
_ADDRESSES = ("authorizationUrl", "tokenUrl", "refreshUrl")
# What version 3 calls the flows of Swagger 2.0.
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def compare_flows(old: Node, new: Node, spot: Spot, walk: Comparison) -> None:
    """Compare the flows of two schemes: who gets a token must still get it."""
    before, after = _flows(old), _flows(new)
    for name, flow in before.items():
        if name in after:
            _compare_flow(flow, after[name], spot, walk)
        else:
            walk.found.add(f"{_RULE}-flow-removed", spot, flow, None, said=(name, ""))
    for name, flow in after.items():
        if name not in before:
            walk.found.add(f"{_RULE}-flow-added", spot, None, flow, said=("", name))


def _flows(scheme: Node) -> dict[str, Node]:
    """Return how tokens are given; in Swagger 2.0 a scheme has one flow, of another name."""
    flows, flow = scheme.get("flows"), scheme.get("flow")
    if flows is not None:
        return {name: node for name, node in flows.entries() if not name.startswith("x-")}
    return {_FLOWS.get(flow.value, flow.value): scheme} if flow is not None else {}


def _compare_flow(old: Node, new: Node, spot: Spot, walk: Comparison) -> None:
    for key in _ADDRESSES:
        was, now = old.get(key), new.get(key)
        if was is not None and now is not None and was.value != now.value:
            walk.found.add(f"{_RULE}-url-changed", spot, was, now)
    before, after = (
        dict(one.entries()) if (one := side.get("scopes")) else {} for side in (old, new)
    )
    for name in before.keys() - after.keys():
        walk.found.add(f"{_RULE}-scope-removed", spot, before[name], new, said=(name, ""))
    for name in after.keys() - before.keys():
        walk.found.add(f"{_RULE}-scope-added", spot, old, after[name], said=("", name))
