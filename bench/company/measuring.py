"""How long questions take, one after the other on a warm connection."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from ci_steps.dictionary.store import Dictionary
from company.questions import QUESTIONS, Kind, Question, Subjects

_TIMES = {Kind.USUAL: 200, Kind.HUB: 50, Kind.WHOLE: 11, Kind.LIST: 11, Kind.WRITE: 200}
_WARM_UP = 10
_PERCENT = 99


@dataclass(frozen=True)
class Measured:
    """What a question cost on one kind of database; all times in milliseconds."""

    question: str
    kind: str
    database: str
    budget: int
    median: float
    p99: float
    least: float
    times: int

    @property
    def within(self) -> bool:
        """Return whether the median is within the budget."""
        return not self.budget or self.median <= self.budget


def measure(
    dictionary: Dictionary, subjects: Subjects, progress: Callable[[str], None], only: str = ""
) -> Iterator[Measured]:
    """Ask every question many times."""
    # The company itself is in memory here, and nobody who asks has to look through it.
    gc.collect()
    gc.freeze()
    for question in QUESTIONS:
        if question.name.startswith(only):
            found = _measured(dictionary, question, subjects)
            progress(f"{found.database}: {found.question}, {found.kind}: {found.median:.1f} ms")
            yield found


def _measured(dictionary: Dictionary, question: Question, subjects: Subjects) -> Measured:
    times = _TIMES[question.kind]
    warm_up = min(_WARM_UP, times // 3)
    taken = []
    for made in islice(cycle(question.subjects(subjects)), warm_up + times):
        begun = time.perf_counter()
        question.ask(dictionary, made, subjects)
        taken.append((time.perf_counter() - begun) * 1000)
    counted = taken[warm_up:]
    return Measured(
        question.name,
        question.kind.name.lower(),
        dictionary.engine.dialect.name,
        question.kind.value,
        statistics.median(counted),
        statistics.quantiles(counted, n=100)[_PERCENT - 1],
        min(counted),
        times,
    )
