"""Whether a new line does well: a real Prometheus and real programs say so, or nobody knows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from ci_steps.error_rates import Answer, ErrorRate, Program, watched
from ci_steps.options import Command
from ci_steps.outside import Outside
from tests.parts.prometheus import History
from tests.parts.prometheus import prometheus as running_prometheus

WELL, BADLY, UNKNOWN = Answer(True, "fine"), Answer(False, "12 % errors"), Answer(None, "no data")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    end = datetime.now(timezone.utc)
    start = end - timedelta(hours=1)
    history = History(start, end)
    history.counter({"version": "2.0"}, [start + timedelta(minutes=5)] * 3)
    with running_prometheus(history, tmp_path_factory.mktemp("prometheus")) as address:
        yield address


@pytest.mark.parametrize(
    ("expression", "at_most", "well"),
    [
        ('http_requests_total{version="2.0"}', 3.0, True),
        ('http_requests_total{version="2.0"}', 2.9, False),
        ('http_requests_total{version="9.9"}', 2.9, None),
        ('rate(http_requests_total{version="2.0"}[9m]) / 0 / 0', 1.0, None),
        ("http_requests_total / 0", 1.0, False),
        ("sum(", 1.0, None),
    ],
    ids=["at the limit", "above it", "no series", "no number", "infinite", "no expression"],
)
def test_what_monitoring_says_counts_and_nothing_is_no_yes(
    prometheus: str, expression: str, at_most: float, well: bool | None
) -> None:
    answer = ErrorRate(prometheus, expression, at_most).ask(Outside())
    assert answer.well is well, answer.text


def test_a_monitoring_that_is_away_knows_nothing() -> None:
    answer = ErrorRate("http://127.0.0.1:1", "up", 1.0).ask(Outside())
    assert answer.well is None
    assert "http://127.0.0.1:1" in answer.text


def test_a_program_says_no_by_its_exit_status_and_why_by_its_last_line() -> None:
    code = "import os, sys; print('at', os.environ['SHARE']); sys.exit(1)"
    answer = Program(Command((sys.executable, "-c", code)), {"SHARE": "50"}).ask(Outside())
    assert answer.well is False
    assert answer.text.endswith("exit status 1: at 50")


def test_a_program_that_hangs_says_no() -> None:
    command = Command((sys.executable, "-c", "import time; time.sleep(100)"))
    assert Program(command, {}, timeout_seconds=0.2).ask(Outside()).well is False


class Clock(Outside):
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        super().__init__({})
        self.now_seconds = 0.0

    def seconds(self) -> float:
        return self.now_seconds

    def pause(self, seconds: float) -> None:
        self.now_seconds += seconds


@dataclass
class Judge:
    """Says one thing after the other; the last one again and again."""

    says: list[Answer]
    asked: list[float] = field(default_factory=list)

    def ask(self, outside: Outside) -> Answer:
        self.asked.append(outside.seconds())
        return self.says.pop(0) if len(self.says) > 1 else self.says[0]


def test_it_is_asked_from_the_beginning_to_the_very_end() -> None:
    judge = Judge([WELL])
    assert watched((judge,), Clock(), seconds=12, every=5) == WELL
    assert judge.asked == [0, 5, 10, 12]


def test_the_first_no_counts_at_once() -> None:
    judge = Judge([WELL, BADLY])
    assert watched((Judge([WELL]), judge), Clock(), seconds=60, every=5) == BADLY
    assert judge.asked == [0, 5]


def test_what_is_not_known_may_become_known_until_the_end() -> None:
    assert watched((Judge([UNKNOWN, WELL]),), Clock(), seconds=5, every=5) == WELL
    assert watched((Judge([WELL, UNKNOWN]),), Clock(), seconds=5, every=5) == UNKNOWN
