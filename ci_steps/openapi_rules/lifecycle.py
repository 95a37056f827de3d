"""Operations that come, are deprecated, and go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Api, Operation
from ci_steps.openapi_rules.places import owner_of, spot_of
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.spots import Spot


@dataclass(frozen=True)
class Lifecycle:
    """Whether operations may go that were deprecated, and from which day."""

    today: date | None = None

    def compare(self, old: Api, new: Api, walk: Comparison) -> None:
        """Compare which operations there are; each is a change of its own, also of a whole path."""
        for key, operation in old.operations.items():
            after = new.operations.get(key)
            if after is not None:
                self._compare_deprecation(operation, after, walk)
            else:
                is_path = not _has_path(new, key[1]) and not _is_deprecated(operation)
                self._removed(operation, _spot(operation, new, walk), walk, is_path=is_path)
        for key, operation in new.operations.items():
            if key not in old.operations:
                spot = _spot(operation, old, walk)
                walk.found.add("endpoint-added", spot, _paths(old), operation.node, said=("", ""))
                walk.tell_deprecated("api", spot, _paths(old), operation.node)

    def _removed(
        self, operation: Operation, spot: Spot, walk: Comparison, *, is_path: bool
    ) -> None:
        if is_path:
            name = "api-path-removed-without-deprecation"
            walk.found.add(name, spot, operation.node, spot.new, said=("", ""))
            return
        if not _is_deprecated(operation):
            name = "api-removed-without-deprecation"
            walk.found.add(name, spot, operation.node, spot.new, said=("", ""))
            return
        sunset = _sunset(operation)
        if self.today is not None and sunset is not None and sunset > self.today:
            said = sunset.isoformat(), ""
            walk.found.add("api-removed-before-sunset", spot, operation.node, spot.new, said=said)
            return
        may_go = self.today is not None and sunset is not None
        level = Level.COMPATIBLE if may_go else Level.BREAKING
        name = "api-removed-with-deprecation"
        walk.found.add(name, spot, operation.node, spot.new, said=("", ""), level=level)

    def _compare_deprecation(self, old: Operation, new: Operation, walk: Comparison) -> None:
        was, now = _is_deprecated(old), _is_deprecated(new)
        if was == now:
            return
        spot = spot_of(str(new), old.node, new.node, owner_of(new))
        what = "endpoint-deprecated" if now else "endpoint-reactivated"
        walk.found.add(what, spot, old.node.get("deprecated"), new.node.get("deprecated"))
        if now and self.today is not None and _sunset(new) is None:
            walk.found.add("api-deprecated-sunset-missing", spot, None, new.node.get("deprecated"))


def _spot(operation: Operation, other: Api, walk: Comparison) -> Spot:
    owner = owner_of(operation)
    walk.reach.operation(owner, str(operation))
    return spot_of(str(operation), _paths(other), _paths(other), owner)


def _has_path(api: Api, template: str) -> bool:
    return any(template == one for _, one in api.operations)


def _paths(api: Api) -> Node:
    return api.root.get("paths") or api.root


def _is_deprecated(operation: Operation) -> bool:
    return operation.node.value.get("deprecated") is True


def _sunset(operation: Operation) -> date | None:
    """Return the day from which an operation may go; None where none can be read."""
    try:
        return date.fromisoformat(str(operation.node.value.get("x-sunset"))[:10])
    except ValueError:
        return None
