"""What people decide: kept one after the other, refused where it does not fit."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import RefusedError
from ci_steps.lifecycle.acts import Act, Kind, Standing, standing
from ci_steps.lifecycle.facts import Announcement, Approval
from ci_steps.lifecycle.ledger import add, read
from ci_steps.model import Line
from tests.parts.dictionaries import NOON, ship

AUTH_1 = Line("auth", "1", "production")
DECEMBER, JANUARY = date(2017, 12, 1), date(2018, 1, 1)


def act(kind: str, on: date | None = None, *, hours: int = 0) -> Act:
    return Act(Kind(kind), NOON + timedelta(hours=hours), "auth-team", f"because of {kind}", on)


def after(dictionary: Dictionary, *acts: Act, line: Line = AUTH_1) -> Standing:
    """Return how a line stands after *acts* were added and read again."""
    ship(dictionary, "auth 1.1.0")
    with dictionary.writing() as connection:
        for one in acts:
            add(connection, line, one)
    with dictionary.reading() as connection:
        assert read(connection, line) == list(acts)
    return standing(acts)


def test_what_was_decided_is_kept_with_who_when_and_why(dictionary: Dictionary) -> None:
    found = after(
        dictionary,
        act("announce", DECEMBER),
        act("amend", JANUARY, hours=1),
        act("hold", hours=2),
        act("approve", hours=3),
    )
    approved = Approval("auth-team", NOON + timedelta(hours=3), "because of approve")
    assert found == Standing(Announcement(NOON, JANUARY), hold="because of hold", approval=approved)


@pytest.mark.parametrize(
    "acts",
    [
        (act("announce", DECEMBER), act("withdraw")),
        (act("hold"), act("unhold")),
        (act("urgent"), act("calm")),
        (act("approve"), act("revoke")),
        (act("approve"), act("announce"), act("withdraw")),
    ],
)
def test_what_is_taken_back_is_as_if_it_had_not_been(
    dictionary: Dictionary, acts: tuple[Act, ...]
) -> None:
    assert after(dictionary, *acts) == Standing()


@pytest.mark.parametrize(
    ("before", "refused", "text"),
    [
        ((act("announce"),), act("announce"), "it was announced already"),
        ((), act("amend", DECEMBER), "it was not announced"),
        ((), act("withdraw"), "it was not announced"),
        ((), act("unhold"), "it is not on hold"),
        ((), act("calm"), "it is not urgent"),
        ((), act("revoke"), "nobody has approved it"),
        ((act("announce"),), act("amend"), "an amendment names a day"),
        ((), act("announce", date(2017, 9, 30)), "2017-09-30 has passed"),
        (
            (act("announce", JANUARY),),
            act("amend", DECEMBER),
            "2017-12-01 is earlier than 2018-01-01, which was promised",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    dictionary: Dictionary, before: tuple[Act, ...], refused: Act, text: str
) -> None:
    after(dictionary, *before)
    with pytest.raises(RefusedError, match=text):
        dictionary.write(lambda connection: add(connection, AUTH_1, refused))
    with dictionary.reading() as connection:
        assert read(connection, AUTH_1) == list(before)


def test_what_is_urgent_may_come_earlier(dictionary: Dictionary) -> None:
    acts = act("announce", JANUARY), act("urgent"), act("amend", DECEMBER)
    assert after(dictionary, *acts).announcement.retire_on == DECEMBER


def test_today_is_a_day_that_is_still_to_come(dictionary: Dictionary) -> None:
    assert after(dictionary, act("announce", NOON.date())).announcement.retire_on == NOON.date()


def test_lines_and_environments_stand_for_themselves(dictionary: Dictionary) -> None:
    after(dictionary, act("hold"))
    for other in (Line("auth", "2", "production"), Line("auth", "1", "staging")):
        with dictionary.reading() as connection:
            assert read(connection, other) == []


def test_times_keep_their_zone(dictionary: Dictionary) -> None:
    east = datetime(2017, 10, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    after(dictionary, Act(Kind.HOLD, east, "", "an audit"))
    with dictionary.reading() as connection:
        assert read(connection, AUTH_1)[0].at == NOON
