"""Moments -> places on a line, with ticks at days, months or years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_MOST_TICKS = 8
_DAYS = (1, 2, 5, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 600)
_YEAR = 12


@dataclass(frozen=True)
class Axis:
    """Time from *begin* to *end*, drawn from *left* to *right*."""

    begin: datetime
    end: datetime
    left: float
    right: float

    def x(self, at: datetime) -> float:
        """Return where a moment is; what lies outside is at the edge."""
        share = (at - self.begin) / (self.end - self.begin)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self) -> Iterator[tuple[datetime, str]]:
        """Yield a few round moments, with what they are called."""
        days = (self.end - self.begin).days
        step = next((one for one in _DAYS if days / one <= _MOST_TICKS), 0)
        if step:
            yield from self._days(step)
            return
        months = days / 30.4
        step = next((one for one in _MONTHS if months / one <= _MOST_TICKS), _MONTHS[-1])
        yield from self._months(step)

    def _days(self, step: int) -> Iterator[tuple[datetime, str]]:
        at = self.begin.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        while at < self.end:
            yield at, f"{at:%Y-%m-%d}"
            at += timedelta(days=step)

    def _months(self, step: int) -> Iterator[tuple[datetime, str]]:
        number = self.begin.year * _YEAR + self.begin.month
        number += -number % step
        while True:
            year, month = divmod(number, _YEAR)
            if year > self.end.year:
                return
            at = datetime(year, month + 1, 1, tzinfo=timezone.utc)
            if at >= self.end:
                return
            yield at, str(year) if step % _YEAR == 0 else f"{at:%Y-%m}"
            number += step
