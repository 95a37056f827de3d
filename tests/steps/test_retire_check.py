"""retire-check: which old lines may go, and why the others stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.lifecycle.acts import Act, Kind
from ci_steps.lifecycle.ledger import add
from ci_steps.model import Environment, Line, Status, StepResult
from ci_steps.steps.retire_check import Options, run
from ci_steps.usage import Usage, UsageQuestion
from tests.fakes import AT, job_of
from tests.parts.dictionaries import dictionary_at
from tests.parts.verdicts import run_in

DAY = timedelta(days=1)
PLACES = (Environment("staging"), Environment("production", production=True))


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def quiet(question: UsageQuestion) -> Usage:
    return Usage("a log", observed_since=AT - 45 * DAY)


def result_of(dictionary: Dictionary, usage: Usage | None = None) -> StepResult:
    def observe(question: UsageQuestion) -> Usage:
        return usage or quiet(question)

    return run(job_of(dictionary, environments=PLACES, observe=observe), Options())


def announce(dictionary: Dictionary, line: str) -> None:
    told = Act(Kind.ANNOUNCE, AT - 40 * DAY, "auth-team", "there is a newer one", date(2026, 11, 1))
    of = Line("auth", line, "production")
    dictionary.write(lambda connection: add(connection, of, told))


def test_a_line_that_nobody_needs_and_calls_may_go(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 9.1.0", "auth 10.0.0")
    announce(dictionary, "9")
    result = result_of(dictionary)
    assert result.status is Status.PASSED
    assert result.summary == "may be retired: line 9 in production"
    assert result.outputs == {"retirable": "9"}


def test_each_line_that_stays_says_why_and_until_when(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0", "auth 3.0.0", "gis 1.0: auth-1.1")
    result = result_of(dictionary)
    assert result.summary == "2 old lines must stay"
    first, second = result.tables[0].rows
    assert first[:3] == ("1", "production", "keep")
    assert second[:3] == ("2", "production", "announce")
    assert second[4] == f"{(AT + 30 * DAY).date()}"
    assert result.warnings == ()


def test_what_a_person_must_decide_is_a_warning_and_fails_nothing(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0")
    result = result_of(dictionary, Usage(problem="prometheus is down"))
    assert result.status is Status.PASSED
    (warning,) = result.warnings
    assert warning.startswith("line 1 in production: ")
    assert "prometheus is down" in warning


def test_the_newest_line_and_other_places_are_not_asked_about(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 2.0.0")
    run_in(dictionary, "auth 1.1.0", environment="staging")
    assert result_of(dictionary).status is Status.SKIPPED
