"""Every row of the decision, at its bounds, and that the order of the rows is the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_steps.lifecycle.decision import ROWS, Answer, Decision, Reason, decide
from ci_steps.lifecycle.facts import (
    Announcement,
    Approval,
    Facts,
)
from ci_steps.model import Verdict
from ci_steps.usage import Caller, Policy, Rules, Usage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
QUIET = Usage("prometheus", observed_since=NOW - 45 * DAY, last_call=NOW - 40 * DAY)
TOLD = Announcement(NOW - 60 * DAY, date(2026, 11, 1))
# Nothing is against it: each test takes one condition away.
FREE = Facts("auth", "1", "production", NOW, successors=("2.0.0",), usage=QUIET, announcement=TOLD)
APPROVED = Approval("platform team", NOW - DAY, "the audit is over")


def asked(**known: Any) -> Answer:
    return decide(replace(FREE, **known))


def used(**known: Any) -> Answer:
    return asked(usage=replace(QUIET, **known))


def told(announced: datetime | None, retire_on: date | None = None, **known: Any) -> Answer:
    return asked(announcement=Announcement(announced, retire_on), **known)


@pytest.mark.parametrize(
    ("answer", "decision", "reason", "again"),
    [
        (asked(), Decision.RETIRE, Reason.NOTHING_AGAINST, None),
        (told(None, date(2026, 11, 1)), Decision.CONTRADICTION, Reason.DATES_CONTRADICT, None),
        (told(NOW + SECOND), Decision.CONTRADICTION, Reason.DATES_CONTRADICT, None),
        (told(NOW, date(2026, 11, 22)), Decision.CONTRADICTION, Reason.DATES_CONTRADICT, None),
        (asked(hold="an audit until March"), Decision.KEEP, Reason.ON_HOLD, None),
        (asked(urgent="a leak"), Decision.ASK, Reason.URGENT, None),
        (asked(urgent="a leak", approval=APPROVED), Decision.RETIRE, Reason.URGENT, None),
        (asked(successors=()), Decision.KEEP, Reason.NO_SUCCESSOR, None),
        (asked(needed_by=("gis",)), Decision.KEEP, Reason.NEEDED, None),
        (used(observed_since=None), Decision.ASK, Reason.USAGE_UNKNOWN, None),
        (used(problem="connection refused"), Decision.ASK, Reason.USAGE_UNKNOWN, None),
        (
            used(last_call=NOW + timedelta(minutes=5, seconds=1)),
            Decision.ASK,
            Reason.CALL_IN_FUTURE,
            None,
        ),
        (
            used(last_call=NOW + timedelta(minutes=5)),
            Decision.WAIT,
            Reason.CALLED,
            NOW + timedelta(days=30, minutes=5),
        ),
        (used(last_call=NOW - 30 * DAY + SECOND), Decision.WAIT, Reason.CALLED, NOW + SECOND),
        (used(last_call=NOW - 30 * DAY), Decision.RETIRE, Reason.NOTHING_AGAINST, None),
        (used(last_call=None), Decision.RETIRE, Reason.NOTHING_AGAINST, None),
        (
            used(last_call=None, observed_since=NOW - 30 * DAY + SECOND),
            Decision.WAIT,
            Reason.OBSERVED_TOO_SHORT,
            NOW + SECOND,
        ),
        (
            used(last_call=None, observed_since=NOW - 30 * DAY),
            Decision.RETIRE,
            Reason.NOTHING_AGAINST,
            None,
        ),
        (asked(declared_by=("web",)), Decision.ASK, Reason.DECLARED, None),
        (
            told(NOW - 60 * DAY, date(2026, 11, 24)),
            Decision.WAIT,
            Reason.DATE_NOT_REACHED,
            datetime(2026, 11, 24, tzinfo=timezone.utc),
        ),
        (told(NOW - 60 * DAY, date(2026, 11, 23)), Decision.RETIRE, Reason.NOTHING_AGAINST, None),
        (told(None), Decision.ANNOUNCE, Reason.NOT_ANNOUNCED, NOW + 30 * DAY),
        (told(NOW - DAY), Decision.ANNOUNCE, Reason.NO_DATE, NOW + 29 * DAY),
        (told(NOW - 60 * DAY), Decision.ANNOUNCE, Reason.NO_DATE, NOW),
        (
            told(NOW - 30 * DAY + SECOND, date(2026, 11, 1), rules=Rules(callers_outside=True)),
            Decision.ASK,
            Reason.NOTICE_TOO_SHORT,
            NOW + SECOND,
        ),
        (
            told(NOW - 30 * DAY, date(2026, 11, 1), rules=Rules(callers_outside=True)),
            Decision.RETIRE,
            Reason.NOTHING_AGAINST,
            None,
        ),
        (asked(rules=Rules(Policy.MANUAL)), Decision.ASK, Reason.NOT_APPROVED, None),
        (
            asked(rules=Rules(Policy.MANUAL), approval=APPROVED),
            Decision.RETIRE,
            Reason.NOTHING_AGAINST,
            None,
        ),
    ],
)
def test_each_row_answers_at_its_bounds(
    answer: Answer, decision: Decision, reason: Reason, again: datetime | None
) -> None:
    assert (answer.decision, answer.reason, answer.again) == (decision, reason, again)


def test_at_once_asks_for_no_quiet_window_and_no_notice() -> None:
    at_once = Rules(Policy.AT_ONCE)
    called = replace(QUIET, last_call=NOW, observed_since=NOW)
    free = asked(rules=at_once, usage=called, announcement=Announcement())
    assert free.decision is Decision.RETIRE
    outside = Rules(Policy.AT_ONCE, callers_outside=True)
    assert asked(rules=outside, announcement=Announcement()).reason is Reason.NOT_ANNOUNCED
    assert asked(rules=at_once, usage=Usage()).reason is Reason.USAGE_UNKNOWN


def test_who_called_within_the_window_is_named_and_who_did_not_is_not() -> None:
    callers = (
        Caller("billing", 740, NOW - DAY),
        Caller("web", 3, NOW - 31 * DAY),
    )
    text = used(last_call=NOW - DAY, callers=callers).text
    assert "billing" in text
    assert "web" not in text


def test_what_is_urgent_names_whom_it_breaks() -> None:
    text = asked(urgent="a leak", approval=APPROVED, needed_by=("gis", "web")).text
    assert "a leak" in text
    assert "it breaks gis, web" in text


@pytest.mark.parametrize(
    ("now", "first"),
    [
        pytest.param(datetime(2026, 11, 1, tzinfo=timezone.utc), "2026-12-01", id="midnight"),
        pytest.param(NOW, "2026-12-24", id="later: that day has begun"),
    ],
)
def test_the_day_that_may_be_announced_is_a_whole_notice_away(now: datetime, first: str) -> None:
    facts = replace(FREE, at=now, announcement=Announcement(), usage=Usage("x", now - 60 * DAY))
    assert decide(facts).text.endswith(first)


# One condition for each row that holds it; all of a row's followers hold theirs, too.
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"announcement": Announcement(None, date(2026, 11, 1))},
    {"hold": "an audit"},
    {"urgent": "a leak"},
    {"successors": ()},
    {"needed_by": ("gis",)},
    {"usage": Usage(problem="it is down")},
    {"usage": replace(QUIET, last_call=NOW + DAY)},
    {"usage": replace(QUIET, last_call=NOW - DAY)},
    {"usage": replace(QUIET, last_call=None, observed_since=NOW - DAY)},
    {"declared_by": ("web",)},
    {"announcement": Announcement(NOW - DAY, date(2027, 1, 1))},
    {"announcement": Announcement()},
    {"announcement": Announcement(NOW - DAY)},
    {"announcement": Announcement(NOW - DAY, NOW.date()), "rules": Rules(callers_outside=True)},
    {"rules": Rules(Policy.MANUAL)},
    {},
)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_the_first_row_that_holds_wins(number: int) -> None:
    facts = FREE
    for condition in reversed(CONDITIONS[number:]):
        facts = replace(facts, **condition)
    assert decide(facts).reason is list(Reason)[number]


@given(st.sets(st.integers(0, len(CONDITIONS) - 1)), st.integers(-40, 400))
def test_only_what_every_row_lets_pass_is_a_yes(rows: set[int], days: int) -> None:
    facts = replace(FREE, at=NOW + days * DAY)
    for number in sorted(rows, reverse=True):
        facts = replace(facts, **CONDITIONS[number])
    answer = decide(facts)
    held = [row(facts) for _, row in ROWS]
    assert answer == next(filter(None, held))
    assert (answer.verdict is Verdict.YES) == (answer.reason is Reason.NOTHING_AGAINST)


def test_there_is_a_reason_for_every_row() -> None:
    assert len(ROWS) == len(Reason) == len(CONDITIONS)
