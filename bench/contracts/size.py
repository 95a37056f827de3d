"""How large the described API is."""

from __future__ import annotations

from dataclasses import dataclass

OPERATIONS_PER_SCHEMA = 2  # one gives it, one takes it: every schema is reached both ways


@dataclass(frozen=True)
class Size:
    """Numbers that all others follow from; the same seed makes the same API."""

    schemas: int
    edits: int
    seed: int = 4

    @property
    def operations(self) -> int:
        """Return how many operations there are."""
        return self.schemas * OPERATIONS_PER_SCHEMA


LARGE = Size(schemas=1_450, edits=300)
SMALL = Size(schemas=40, edits=30)
