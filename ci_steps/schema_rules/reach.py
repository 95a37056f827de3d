"""Which operations reach which schemas."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import compress

_AS_NUMBERS = bytes.maketrans(b"01", b"\0\1")


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

    def named(self, owners: set[Hashable]) -> tuple[str, ...]:
        """Return the names of those *owners* that are operations."""
        bits = (self._operations[owner] for owner in owners if owner in self._operations)
        return tuple(self._names[bit.bit_length() - 1] for bit in bits)

    def names(self, owners: set[Hashable]) -> tuple[str, ...]:
        """Return the operations that reach one of *owners*, in their order."""
        if not self._masks:
            self._spread()
        mask = 0
        for owner in owners:
            mask |= self._masks.get(owner, 0)
        if mask not in self._known:
            bits = f"{mask:b}"[::-1].encode().translate(_AS_NUMBERS)
            self._known[mask] = tuple(compress(self._names, bits))
        return self._known[mask]

    def _spread(self) -> None:
        """Hand on from each to what it refers to, until nothing changes."""
        masks = self._masks = dict(self._operations)
        for owner in self._operations:  # nobody refers to them
            for below in self._below.pop(owner, ()):
                masks[below] = masks.get(below, 0) | masks[owner]
        is_done = False
        while not is_done:
            is_done = True
            for owner, referred in self._below.items():
                mask = masks.get(owner, 0)
                for below in referred:
                    known = masks.get(below, 0)
                    if mask | known != known:
                        masks[below] = mask | known
                        is_done = False
