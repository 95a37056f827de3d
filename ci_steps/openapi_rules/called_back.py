"""What the service calls by itself: callers get those requests, and answer them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.openapi_rules.bodies import compare_sent
from ci_steps.openapi_rules.description import Operation, Parameter
from ci_steps.openapi_rules.parameters import parameter_spot
from ci_steps.openapi_rules.places import spot_of
from ci_steps.openapi_rules.values import compare_values
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.spots import Spot


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
        else:
            _Called(what, operation, other, walk).compare(called, owner)
    for key, operation in after.items():
        if key not in before:
            spot = spot_of(f"{what} {operation}", old, operation.item, owner)
            walk.found.add(f"{what}-added", spot, old, operation.named, said=("", ""))


@dataclass(frozen=True)
class _Called:
    """A request that the service sends: a webhook or a callback, as `what` says."""

    what: str
    old: Operation
    new: Operation
    walk: Comparison

    def compare(self, called: str, owner: Hashable) -> None:
        """Compare what callers get, and how they may answer."""
        nodes = self.old.node, self.new.node
        gets = spot_of(called, *nodes, owner, direction=Direction.RESPONSE)
        self._compare_parameters(gets)
        self._compare_bodies(gets)
        self._compare_answers(spot_of(called, *nodes, owner))

    def _compare_parameters(self, spot: Spot) -> None:
        before, after = (_by_key(one) for one in (self.old, self.new))
        for key, parameter in before.items():
            here = parameter_spot(parameter, spot)
            if key in after:
                rule = f"{self.what}-parameter"
                compare_values(rule, parameter, after[key], here, self.walk)
            else:
                level = Level.BREAKING if parameter.is_required else Level.WARNING
                name = f"{self.what}-parameter-removed"
                self.walk.found.add(name, here, parameter.node, level=level)
        for key, parameter in after.items():
            if key not in before:
                here, name = parameter_spot(parameter, spot), f"{self.what}-parameter-added"
                self.walk.found.add(name, here, None, parameter.node)

    def _compare_bodies(self, spot: Spot) -> None:
        before, after = self.old.body, self.new.body
        if before is not None and after is not None:
            old, new = before.media, after.media
            for name in old.keys() - new.keys():
                self._tell("media-type-removed", spot, old[name].node, None, old[name].name)
            for name in new.keys() - old.keys():
                self._tell("media-type-added", spot, None, new[name].node, new[name].name)
            if before.is_required != after.is_required:
                became = "required" if after.is_required else "optional"
                places = before.node.get("required"), after.node.get("required")
                self._tell(f"body-became-{became}", spot, *places)
            compare_sent(old, new, spot, self.walk)
        elif before is not None:
            self._tell("body-removed", spot, before.node, None)
        elif after is not None:
            self._tell("body-added", spot, None, after.node)

    def _compare_answers(self, spot: Spot) -> None:
        before, after = self.old.responses, self.new.responses
        for status, response in before.items():
            if status in after:
                compare_sent(response.media, after[status].media, spot, self.walk)
            elif not _takes(after, status):
                level = Level.BREAKING if status.startswith("2") else Level.WARNING
                self._tell("status-removed", spot, response.node, None, status, level)
        for status, response in after.items():
            if not _takes(before, status):
                self._tell("status-added", spot, None, response.node, status)

    def _tell(
        self,
        what: str,
        spot: Spot,
        old: Node | None,
        new: Node | None,
        said: str = "",
        level: Level | None = None,
    ) -> None:
        told = (said, "") if new is None else ("", said)
        self.walk.found.add(f"{self.what}-{what}", spot, old, new, said=told, level=level)


def _by_key(operation: Operation) -> dict[tuple[str, str], Parameter]:
    """Return what is sent beside the body; the path is the address of who is called."""
    return {one.key: one for one in operation.parameters if one.place != "path"}


def _takes(answers: Mapping[str, Any], status: str) -> bool:
    """Return whether an answer is one of those that are taken."""
    return not answers.keys().isdisjoint({status, f"{status[:1]}XX", "default"})
