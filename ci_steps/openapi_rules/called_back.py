"""What the service calls by itself: callers get those requests, and answer them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.bodies import compare_sent
from ci_steps.openapi_rules.description import Operation
from ci_steps.openapi_rules.places import spot_of
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.directions import Direction


def compare_called(
    what: str,
    before: Mapping[Any, Operation],
    after: Mapping[Any, Operation],
    old: Node,
    new: Node,
    owner: Hashable,
    walk: Comparison,
) -> None:
    """Compare webhooks or callbacks: what was a request is a response to callers."""
    for key, operation in before.items():
        called = f"{what} {operation}"
        other = after.get(key)
        if other is None:
            spot = spot_of(called, operation.item, new, owner)
            walk.found.add(f"{what}-removed", spot, operation.named, new, said=("", ""))
            continue
        gets = spot_of(called, operation.node, other.node, owner, direction=Direction.RESPONSE)
        if operation.body is not None and other.body is not None:
            compare_sent(operation.body.media, other.body.media, gets, walk)
        answers = spot_of(called, operation.node, other.node, owner)
        for status in operation.responses.keys() & other.responses.keys():
            one, another = operation.responses[status], other.responses[status]
            compare_sent(one.media, another.media, answers, walk)
    for key, operation in after.items():
        if key not in before:
            spot = spot_of(f"{what} {operation}", old, operation.item, owner)
            walk.found.add(f"{what}-added", spot, old, operation.named, said=("", ""))
