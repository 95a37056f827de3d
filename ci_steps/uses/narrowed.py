"""Which changes of a provider's contract touch one dependent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Change, Level, worst

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.uses.values import Uses


@dataclass(frozen=True)
class Narrowed:
    """The changes of a comparison that touch a dependent, and those that do not.

    `doubts` say what of its uses could not be found in the contract; because of them more may
    stand under `touching` than really does.
    """

    touching: tuple[Change, ...]
    untouched: tuple[Change, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """The level of the worst change that touches."""
        return worst(self.touching)


Narrower = Callable[[Sequence[Change], "Uses"], Narrowed]
"""Says, for one contract, which of its changes touch who uses what of it; in doubt all."""


def narrowed(
    changes: Iterable[Change], touches: Callable[[Change], bool], doubts: Iterable[str] = ()
) -> Narrowed:
    """Return *changes* in two parts, each in its order."""
    touching: list[Change] = []
    untouched: list[Change] = []
    for change in changes:
        (touching if touches(change) else untouched).append(change)
    return Narrowed(tuple(touching), tuple(untouched), tuple(dict.fromkeys(doubts)))
