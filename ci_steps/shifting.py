"""Calls move to a new line share by share, watched, and come back when that goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.deploying.undoing import undone
from ci_steps.error_rates import Judge, watched

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Lines, Progress, Traffic

_WHOLE = 100


@dataclass(frozen=True)
class Watch:
    """Who judges a share of the calls, for how long, and how often he is asked."""

    judges: Callable[[int], tuple[Judge, ...]]
    seconds: float
    every: float


@dataclass(frozen=True)
class Shift:
    """The calls of a service that move from its other lines to line *own*."""

    traffic: Traffic
    lines: Lines
    own: str
    outside: Outside
    progress: Progress

    @property
    def share(self) -> int:
        """The percent of the calls that the line gets now."""
        return self.traffic.shares(self.lines).get(self.own, 0)

    def to(self, share: int) -> None:
        """Give the line *share* percent of the calls, and the others the rest."""
        others = [line for line in self.lines.addresses if line != self.own]
        rest, more = divmod(_WHOLE - share, len(others))
        wanted = {line: rest + (number < more) for number, line in enumerate(others)}
        self.progress.note(f"line {self.own}: {share} % of the calls")
        self.traffic.shift(self.lines, {**wanted, self.own: share})

    def along(self, shares: Sequence[int], watch: Watch) -> str:
        """Move on from share to share; return why all calls are back, or nothing."""
        with undone(lambda: self.to(0)):
            refusal = self._refusal(shares, watch)
        if refusal:
            self.to(0)
        return refusal

    def _refusal(self, shares: Sequence[int], watch: Watch) -> str:
        for share in shares:
            self.to(share)
            answer = watched(
                watch.judges(share) if share else (),
                self.outside,
                seconds=watch.seconds if share else 0.0,
                every=watch.every,
            )
            if not answer.well:
                return f"with {share} % for line {self.own}, {answer.text}"
        return ""
