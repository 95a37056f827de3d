"""Which operations reach which schemas."""

from __future__ import annotations

from collections.abc import Hashable


class Reach:
    """Who refers to what; an operation is a number, and what reaches a schema is a set of bits."""

    def __init__(self) -> None:
        self._below: dict[Hashable, set[Hashable]] = {}
        self._operations: dict[Hashable, int] = {}
        self._names: list[str] = []
        self._masks: dict[Hashable, int] = {}
        self._known: dict[int, tuple[str, ...]] = {}

    def operation(self, owner: Hashable, name: str) -> None:
        """Say that *owner* is an operation."""
        if owner not in self._operations:
            self._operations[owner] = 1 << len(self._names)
            self._names.append(name)

    def add(self, owner: Hashable, below: Hashable) -> None:
        """Say that *owner* refers to *below*."""
        self._below.setdefault(owner, set()).add(below)

    def names(self, owners: set[Hashable]) -> tuple[str, ...]:
        """Return the operations that reach one of *owners*, in their order."""
        if not self._masks:
            self._spread()
        mask = 0
        for owner in owners:
            mask |= self._masks.get(owner, 0)
        if mask not in self._known:
            self._known[mask] = tuple(
                name for index, name in enumerate(self._names) if mask >> index & 1
            )
        return self._known[mask]

    def _spread(self) -> None:
        """Hand on from each to what it refers to, until nothing changes."""
        self._masks = dict(self._operations)
        waiting = set(self._operations)
        while waiting:
            # All at once: in a round each hands on what the round before brought.
            self._hand_on(waiting)

    def _hand_on(self, waiting: set[Hashable]) -> None:
        changed: set[Hashable] = set()
        for owner in waiting:
            mask = self._masks[owner]
            for below in self._below.get(owner, ()):
                known = self._masks.get(below, 0)
                if mask | known != known:
                    self._masks[below] = mask | known
                    changed.add(below)
        waiting.clear()
        waiting |= changed
