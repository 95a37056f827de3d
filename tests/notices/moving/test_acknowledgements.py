"""More time is asked for with a day and a reason, within limits, and is kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from ci_steps.dictionary.tables import acknowledgement, outbox
from ci_steps.errors import UsageError
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.moving.acknowledgements import Saying, acknowledge, trailers
from ci_steps.notices.moving.reminders import remind
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import announce, owns

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Obligation

REFERENCE = "auth-2/production/gis-team"
UNTIL = date(2017, 12, 1)


def shop(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis")
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "geo 1.0", "auth-1")
    announce(dictionary)


def say(
    dictionary: Dictionary,
    reference: str = REFERENCE,
    until: date = UNTIL,
    reason: str = "a new client comes",
) -> tuple[Obligation, ...]:
    saying = Saying(reference, until, reason, "somebody", "gis-team")
    with dictionary.writing() as connection:
        return acknowledge(connection, saying, NOON + timedelta(hours=2))


def test_it_is_kept_for_every_service_with_who_said_it_for_whom(dictionary: Dictionary) -> None:
    shop(dictionary)
    said = say(dictionary)
    assert [(one.dependent, one.acknowledged and one.acknowledged.until) for one in said] == [
        ("geo", UNTIL),
        ("gis", UNTIL),
    ]
    with dictionary.reading() as connection:
        rows = connection.execute(select(acknowledgement)).all()
    assert {(row.by, row.on_behalf_of, row.reason) for row in rows} == {
        ("somebody", "gis-team", "a new client comes")
    }


def test_nobody_is_reminded_until_shortly_before_the_promised_day(dictionary: Dictionary) -> None:
    shop(dictionary)
    say(dictionary)
    for day in range(63):
        with dictionary.writing() as connection:
            connection.execute(update(outbox).values(state="sent"))
            remind(connection, Calendars(), ("slack",), NOON + timedelta(days=day))
    with dictionary.reading() as connection:
        told = [row.stage for row in connection.execute(select(outbox).order_by(outbox.c.id))]
    days = ["t-14", "t-7", "t-3", "t-1", "due"]
    assert told == ["announced", *(f"{stage}@2017-12-01" for stage in days)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"reference": "auth-2/production/gis-taem"},
            f"nothing is open under 'auth-2/production/gis-taem', did you mean {REFERENCE}?",
        ),
        ({"reason": " "}, "a reason of 1 to 500 characters is needed, got 1"),
        ({"reason": "x" * 501}, "a reason of 1 to 500 characters is needed, got 501"),
        ({"until": date(2017, 9, 30)}, "2017-09-30 is over"),
        ({"until": date(2018, 1, 31)}, "2018-01-31 is too far off"),
    ],
)
def test_what_cannot_be_is_refused(
    dictionary: Dictionary, change: dict[str, object], message: str
) -> None:
    shop(dictionary)
    with pytest.raises(UsageError) as caught:
        say(dictionary, **change)  # type: ignore[arg-type]
    assert str(caught.value) == message


@pytest.mark.parametrize("until", [date(2017, 10, 1), date(2018, 1, 30)])
def test_today_and_the_last_day_can_be_asked_for(dictionary: Dictionary, until: date) -> None:
    shop(dictionary)
    assert say(dictionary, until=until)


def test_a_commit_may_say_it() -> None:
    message = f"""Keep auth-1 for now

Ci-Steps-Ack: {REFERENCE} until 2027-01-15 the new client comes in January
ci-steps-ack: mail-2/production/gis-team until 2027-02-30 no such day
Ci-Steps-Ack: without a day
"""
    assert list(trailers(message, "author")) == [
        Saying(
            REFERENCE,
            date(2027, 1, 15),
            "the new client comes in January",
            "author",
            source="trailer",
        )
    ]
