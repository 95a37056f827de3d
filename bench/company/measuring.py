"""How long questions take, one after the other on a warm connection."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing import get_context

from ci_steps.dictionary.store import Dictionary
from ci_steps.outside.databases.opening import open_database
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


def measure(url: str, subjects: Subjects, only: str = "") -> list[Measured]:
    """Ask every question many times, in a process of its own, as everybody does who asks.

    In the memory of the process that has made the company whatever is read is scattered, which
    takes a third longer.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_ask_everything, url, subjects, only).result()


def _ask_everything(url: str, subjects: Subjects, only: str) -> list[Measured]:
    gc.collect()
    gc.freeze()
    # Opened anew, for what was written in one go is still in the log of a file.
    with Dictionary.open(open_database(url)) as dictionary:
        asked = (one for one in QUESTIONS if one.name.startswith(only))
        return [_say(_measured(dictionary, question, subjects)) for question in asked]


def _say(found: Measured) -> Measured:
    text = f"{found.database}: {found.question}, {found.kind}: {found.median:.1f} ms"
    print(text, file=sys.stderr, flush=True)
    return found


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
