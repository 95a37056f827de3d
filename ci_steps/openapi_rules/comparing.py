"""Comparing two APIs: operation by operation, and then the schemas that they share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ci_steps.comparisons.changes import Change
from ci_steps.openapi_rules.alike import Alike
from ci_steps.openapi_rules.bodies import compare_bodies, compare_responses
from ci_steps.openapi_rules.called_back import compare_called
from ci_steps.openapi_rules.description import Api, Operation
from ci_steps.openapi_rules.lifecycle import Lifecycle
from ci_steps.openapi_rules.parameters import compare_parameters
from ci_steps.openapi_rules.places import owner_of, spot_of
from ci_steps.openapi_rules.rules import RULES
from ci_steps.openapi_rules.security import compare_security
from ci_steps.openapi_rules.servers import compare_own_servers, compare_servers
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.findings import Findings
from ci_steps.schema_rules.shapes import references_in

_Operations = Mapping[tuple[str, str], Operation]


def compare_apis(old: Api, new: Api, *, sunset_from: date | None = None) -> tuple[Change, ...]:
    """Return what callers of *old* notice; with *sunset_from*, deprecation is a way out."""
    walk = Comparison(
        references_in(old.root.document.library),
        Findings(RULES),
        is_deprecation_agreed=sunset_from is not None,
    )
    compare_servers(old, new, spot_of("servers", old.root, new.root, "servers"), walk)
    Lifecycle(sunset_from).compare(old, new, walk)
    alike = Alike(old, new)
    for key, before in old.operations.items():
        after = new.operations.get(key)
        if after is not None:
            _compare_operations(before, after, alike, walk)
    compare_called("webhook", old.webhooks, new.webhooks, old.root, new.root, "webhooks", walk)
    walk.finish()
    return tuple(walk.found.changes(walk.reach))


def _compare_operations(old: Operation, new: Operation, alike: Alike, walk: Comparison) -> None:
    owner = owner_of(new)
    walk.reach.operation(owner, str(new))
    is_alike = alike.compare(old, new, walk)
    if is_alike and alike.is_security_settled:
        return
    request = spot_of(str(new), old.node, new.node, owner)
    compare_security(old, new, request, walk)
    if is_alike:
        return
    compare_own_servers(old, new, request, walk)
    response = spot_of(str(new), old.node, new.node, owner, direction=Direction.RESPONSE)
    compare_parameters(old, new, request, walk)
    compare_bodies(old, new, request, walk)
    compare_responses(old, new, response, walk)
    compare_called("callback", old.callbacks, new.callbacks, old.node, new.node, owner, walk)
