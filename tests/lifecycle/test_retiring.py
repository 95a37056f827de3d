"""Whether a step may be taken: each at the bounds of what it waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from ci_steps.errors import RefusedError
from ci_steps.lifecycle.acts import Act, Kind, Standing
from ci_steps.lifecycle.facts import Announcement, Approval
from ci_steps.lifecycle.retiring import Manner, brown_outs, known_usage, may_take, way_to
from ci_steps.usage import Caller, Policy, Rules, Usage
from tests.lifecycle.test_decision import DAY, FREE, NOW, SECOND

LATER = Announcement(NOW - DAY, date(2026, 12, 23))
GONE = Act(Kind.GONE, NOW - 30 * DAY, "anna", "moved")
DRAINED = Act(Kind.DRAINED, NOW - DAY, "anna", "quiet", because="NOTHING_AGAINST: nobody calls")


def answer(kind: Kind, refused: tuple[Caller, ...] = (), **known: Any) -> tuple[bool, str]:
    """Return whether a step may be taken, and why."""
    stands = Standing(steps=(GONE,)) if kind is Kind.REMOVED else Standing()
    may = may_take(kind, replace(FREE, **known), stands, Manner(), refused)
    return may.yes, may.reason


def calls(at: datetime) -> Usage:
    return Usage("log", NOW - 45 * DAY, at, (Caller("billing", 3, at),))


@pytest.mark.parametrize(
    ("known", "headers", "brown_out", "reason"),
    [
        ({}, True, True, "NOTHING_AGAINST"),
        ({"announcement": LATER}, True, True, "DATE_NOT_REACHED"),
        ({"announcement": LATER, "usage": calls(NOW)}, True, True, "CALLED"),
        ({"announcement": LATER, "usage": Usage()}, True, True, "USAGE_UNKNOWN"),
        ({"announcement": LATER, "needed_by": ("gis",)}, True, False, "NEEDED"),
        ({"announcement": LATER, "successors": ()}, True, False, "NO_SUCCESSOR"),
        ({"hold": "an audit"}, False, False, "ON_HOLD"),
        ({"announcement": Announcement()}, False, False, "NOT_ANNOUNCED"),
        ({"announcement": Announcement(NOW - DAY)}, True, False, "NO_DATE"),
    ],
)
def test_callers_are_told_before_the_end_and_refused_for_a_while_where_none_is_known(
    known: dict[str, Any], headers: bool, brown_out: bool, reason: str
) -> None:
    assert answer(Kind.HEADERS, **known) == (headers, reason)
    assert answer(Kind.BROWN_OUT, **known) == (brown_out, reason)


def test_by_hand_somebody_approves_before_anybody_is_refused() -> None:
    manual: dict[str, Any] = {"rules": Rules(Policy.MANUAL), "announcement": LATER}
    assert answer(Kind.HEADERS, **manual)[0]
    assert answer(Kind.BROWN_OUT, **manual) == (False, "NOT_APPROVED")
    assert answer(Kind.BROWN_OUT, approval=Approval("anna", NOW), **manual)[0]


@pytest.mark.parametrize("kind", [Kind.DRAINED, Kind.GONE, Kind.REMOVED])
def test_what_takes_it_away_asks_the_whole_decision_again(kind: Kind) -> None:
    assert answer(kind)[0]
    assert answer(kind, announcement=LATER) == (False, "DATE_NOT_REACHED")
    assert answer(kind, usage=calls(NOW - 30 * DAY + SECOND)) == (False, "CALLED")


@pytest.mark.parametrize(
    ("called", "yes"),
    [(NOW - 30 * DAY, True), (NOW - 30 * DAY + SECOND, False)],
)
def test_an_image_is_kept_until_nobody_has_called_behind_it_for_a_while(
    called: datetime, yes: bool
) -> None:
    assert answer(Kind.REMOVED, (Caller("billing", 1, called),))[0] is yes


def test_an_image_is_kept_for_a_while_after_the_end() -> None:
    stands = Standing(steps=(replace(GONE, at=GONE.at + SECOND),))
    may = may_take(Kind.REMOVED, FREE, stands, Manner())
    assert (may.yes, may.reason, may.again) == (False, "IMAGE_KEPT", NOW + SECOND)


def test_of_a_drained_line_its_front_knows_who_calls() -> None:
    stands, silent = Standing(steps=(DRAINED,)), replace(FREE, usage=Usage(problem="no sample"))
    quiet = known_usage(silent, stands, ())
    assert may_take(Kind.GONE, replace(silent, usage=quiet), stands, Manner()).yes
    called = known_usage(silent, stands, (Caller("billing", 1, NOW - SECOND),))
    may = may_take(Kind.GONE, replace(silent, usage=called), stands, Manner())
    assert (may.yes, may.reason) == (False, "CALLED")
    assert "billing" in may.text


def test_what_was_urgent_was_never_quiet() -> None:
    urgent = Standing(steps=(replace(DRAINED, because="URGENT: a leak"),))
    silent = replace(FREE, usage=Usage(problem="no sample"))
    assert known_usage(silent, urgent, ()) == silent.usage


def test_brown_outs_are_on_days_before_the_end_and_announced_before() -> None:
    found = brown_outs(date(2026, 12, 7), Manner(), NOW)
    # The first of them would have been today, the second before anybody could know of it.
    assert [str(one) for one in found] == [
        "2026-11-30 10:00 to 10:10 UTC",
        "2026-12-04 10:00 to 10:10 UTC",
        "2026-12-06 10:00 to 10:10 UTC",
    ]


def test_a_brown_out_that_nobody_could_know_of_is_refused() -> None:
    begin = NOW + 3 * DAY
    assert brown_outs(None, Manner(), NOW, (begin,))[0].begin == begin
    with pytest.raises(RefusedError, match="is too early"):
        brown_outs(None, Manner(), NOW, (begin - SECOND,))
    with pytest.raises(RefusedError, match="no day is left"):
        brown_outs(date(2026, 11, 26), Manner(), NOW)


def test_the_way_begins_where_it_stands() -> None:
    assert way_to(Standing(), None) == (Kind.HEADERS,)
    stands = Standing(steps=(Act(Kind.HEADERS, NOW, "", ""),))
    assert way_to(stands, Kind.GONE) == (Kind.BROWN_OUT, Kind.DRAINED, Kind.GONE)
    assert way_to(Standing(steps=(Act(Kind.REMOVED, NOW, "", ""),)), None) == ()


def test_the_moments_have_their_zone() -> None:
    assert brown_outs(date(2026, 12, 7), Manner(), NOW)[0].begin.tzinfo is timezone.utc
    assert brown_outs(date(2026, 12, 7), Manner(), NOW)[0].end - NOW > timedelta(days=7)
