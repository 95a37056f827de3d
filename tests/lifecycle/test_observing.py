"""Several sources: no doubt of any of them is lost."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ci_steps.lifecycle.observing import together
from ci_steps.usage import Caller, Usage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def test_without_a_source_nothing_is_observed() -> None:
    assert together([]).problem == "nothing observes its calls"
    assert together([]).observed_since is None


def test_all_of_them_must_have_looked_and_the_last_call_of_any_counts() -> None:
    one = Usage("one", NOW - 45 * DAY, NOW - 40 * DAY, (Caller("web", 3, NOW - 40 * DAY),))
    two = Usage("two", NOW - 10 * DAY, NOW - 5 * DAY, (Caller("web", 5, NOW - 5 * DAY),))
    found = together([one, two])
    assert found.source == "one, two"
    assert found.observed_since == NOW - 10 * DAY
    assert found.last_call == NOW - 5 * DAY
    assert found.callers == (Caller("web", 5, NOW - 5 * DAY),)


def test_one_that_does_not_answer_is_a_problem_of_all() -> None:
    found = together([Usage("one", NOW - 45 * DAY), Usage("two", problem="it is down")])
    assert found.problem == "two: it is down"
    assert found.observed_since is None
