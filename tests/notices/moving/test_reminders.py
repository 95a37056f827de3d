"""A moved clock takes an obligation through its schedule: each stage once."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from ci_steps.dictionary.tables import outbox
from ci_steps.model import Contact, Owner, Service
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.facts import message_of
from ci_steps.notices.moving.obligations import announce
from ci_steps.notices.moving.reminders import remind
from ci_steps.notices.moving.terms import Terms
from ci_steps.notices.schedule import due_day, reached
from tests.parts.dictionaries import deployed, dictionary_at, release, ship
from tests.parts.notices import move, owns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary

# A Sunday at noon, UTC; Berlin's clocks are set back on 29 October 2017 and forward in March.
START = datetime(2017, 10, 1, 12, tzinfo=timezone.utc)
DUE = date(2017, 11, 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE = ["t-14", "t-7", "t-3", "t-1", "due", "overdue", "overdue+7", "overdue+14"]


@pytest.fixture
def memory() -> Iterator[Dictionary]:
    """Open a dictionary for what is a matter of the schedule, not of the database."""
    with dictionary_at() as opened:
        yield opened


def shop(
    dictionary: Dictionary, *services: str, zone: str = "", terms: Terms | None = None
) -> None:
    """Let gis-team own services that need auth-1, and announce auth 2 to it."""
    team = Owner("gis-team", "GIS team", (Contact("slack", "#gis"),), time_zone=zone)
    dictionary.record_owner(team)
    for service in services or ("gis",):
        dictionary.record_service(Service(service, "gis-team"))
        ship(dictionary, f"{service} 1.0", "auth-1")
    release_major(dictionary, "auth 2.0.0", terms=terms)


def release_major(
    dictionary: Dictionary,
    label: str,
    *,
    due: date = DUE,
    at: datetime = START,
    terms: Terms | None = None,
) -> None:
    shipped = release(label)
    runs = deployed(shipped, hours=(at - START) / HOUR)

    def also(connection: Connection) -> None:
        announce(connection, runs, due=due, at=at, channels=("slack", "email"), terms=terms)

    dictionary.record_deployment(shipped, runs, production=True, also=also)


def tick(dictionary: Dictionary, now: datetime, calendars: Calendars | None = None) -> None:
    """Remind, and take what may be sent for sent."""
    with dictionary.writing() as connection:
        remind(connection, calendars or Calendars(), ("slack", "email"), now)
        connection.execute(
            update(outbox)
            .where(outbox.c.state == "pending", outbox.c.not_before <= now)
            .values(state="sent", sent_at=now)
        )


def told(dictionary: Dictionary, state: str = "sent") -> list[str]:
    with dictionary.reading() as connection:
        rows = connection.execute(
            select(outbox.c.stage).where(outbox.c.state == state).order_by(outbox.c.id)
        )
        return [row.stage for row in rows]


def every(step: timedelta, days: int) -> Iterable[datetime]:
    return (START + step * number for number in range(int(days * DAY / step)))


def test_an_obligation_passes_through_every_stage_once(dictionary: Dictionary) -> None:
    shop(dictionary)
    for now in every(12 * HOUR, days=47):
        tick(dictionary, now)
    assert told(dictionary) == ["announced", *WHOLE]


@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_a_clock_that_is_set_back_reminds_nobody_again(memory: Dictionary, zone: str) -> None:
    shop(memory, zone=zone)
    for now in every(12 * HOUR, days=47):
        tick(memory, now)
        tick(memory, now - 3 * DAY)
    assert told(memory) == ["announced", *WHOLE]


@pytest.mark.parametrize(
    ("from_day", "missing"),
    [
        pytest.param(16, ["t-14"], id="before T-14 until after T-7"),
        pytest.param(23, ["t-7", "t-3", "t-1", "due"], id="over the day and what is before it"),
        pytest.param(30, ["t-1", "due", "overdue"], id="until a week after the day"),
    ],
)
def test_of_what_was_missed_in_nine_days_only_the_last_is_told(
    memory: Dictionary, from_day: int, missing: list[str]
) -> None:
    shop(memory)
    for now in every(12 * HOUR, days=47):
        if not from_day * DAY <= now - START < (from_day + 9) * DAY:
            tick(memory, now)
    left = [stage for stage in WHOLE if stage not in missing]
    assert told(memory) == ["announced", *left]


@pytest.mark.parametrize("start", [START, datetime(2017, 3, 1, 12, tzinfo=timezone.utc)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland", ""])
def test_every_stage_is_reached_at_nine_where_the_contact_is_also_when_clocks_change(
    zone: str, start: datetime
) -> None:
    calendar = Calendars().of(zone)
    due = due_day(calendar.day_of(start))
    stages: dict[str, datetime] = {}
    for number in range(50 * 24):
        now = start + number * HOUR
        stages.setdefault(reached(due, calendar, now, since=start), now)
    del stages[""]
    assert list(stages) == WHOLE
    for at in stages.values():
        here = at.astimezone(calendar.zone)
        assert (here.hour, calendar.is_working(here.date())) == (9, True)


def test_nobody_is_reminded_in_quiet_hours(memory: Dictionary) -> None:
    shop(memory, zone="Europe/Berlin")
    night = datetime(2017, 10, 19, 22, tzinfo=timezone.utc)  # Friday, 00:00 in Berlin
    tick(memory, START)
    tick(memory, night)
    assert told(memory, "pending") == ["t-14"]
    tick(memory, night + 8 * HOUR)
    assert told(memory) == ["announced"]
    tick(memory, night + 9 * HOUR)
    assert told(memory) == ["announced", "t-14"]


def test_what_is_urgent_is_told_at_once_after_four_hours_and_every_day(
    memory: Dictionary,
) -> None:
    shop(memory, terms=Terms(urgent=True))
    for now in every(HOUR, days=3):
        tick(memory, now)
    assert told(memory) == ["urgent", "urgent+4h", "urgent+1d", "urgent+2d"]


def test_who_has_moved_is_not_reminded_and_is_told_that_it_is_over(memory: Dictionary) -> None:
    shop(memory)
    for now in every(12 * HOUR, days=20):
        tick(memory, now)
    move(memory, "gis 1.1", "auth-2", hours=20 * 24)
    for now in every(12 * HOUR, days=47):
        tick(memory, now)
    assert told(memory) == ["announced", "t-14", "done"]


def test_reminders_of_several_releases_are_one_digest(dictionary: Dictionary) -> None:
    shop(dictionary)
    ship(dictionary, "web 1.0", "mail-1")
    owns(dictionary, "gis-team", ["web"])
    release_major(dictionary, "mail 2.0.0")
    for now in every(12 * HOUR, days=20):
        tick(dictionary, now)
    assert told(dictionary) == ["announced", "announced", "digest@2017-10-18"]
    with dictionary.reading() as connection:
        row = connection.execute(select(outbox).where(outbox.c.stage.contains("digest"))).one()
        message = message_of(connection, row)
    assert message is not None
    assert [one.to for one in message.parts] == ["auth-2", "mail-2"]


def test_a_release_that_is_due_soon_reminds_from_the_next_stage_on(memory: Dictionary) -> None:
    shop(memory)
    ship(memory, "web 1.0", "mail-1")
    owns(memory, "web-team", ["web"], "email web@shop.example")
    release_major(memory, "mail 2.0.0", due=date(2017, 10, 6))
    for now in every(12 * HOUR, days=6):
        tick(memory, now)
    with memory.reading() as connection:
        rows = connection.execute(select(outbox.c.stage).where(outbox.c.channel == "email"))
        assert {row.stage for row in rows} == {"announced", "t-3", "t-1", "due"}


def test_what_is_overdue_goes_to_the_lead_and_then_to_the_provider(dictionary: Dictionary) -> None:
    dictionary.record_owner(Owner("boss", "The lead", (Contact("email", "boss@shop.example"),)))
    owns(dictionary, "auth-team", ["auth"], "email auth@shop.example")
    shop(dictionary)
    dictionary.record_owner(Owner("gis-team", lead="boss"))
    told_to: dict[str, datetime] = {}
    for now in every(12 * HOUR, days=47):
        tick(dictionary, now)
        with dictionary.reading() as connection:
            for row in connection.execute(select(outbox).where(outbox.c.stage == "escalated")):
                told_to.setdefault(row.address, row.created_at)
                message = message_of(connection, row)
                assert message is not None
                assert [one.dependent for one in message.obligations] == ["gis"]
    assert {address: at.date() for address, at in told_to.items()} == {
        "boss@shop.example": date(2017, 11, 2),
        "auth@shop.example": date(2017, 11, 9),
    }


def test_holidays_move_the_day_back_and_a_reminder_off_them(memory: Dictionary) -> None:
    off = Calendars(holidays=frozenset({DUE, date(2017, 10, 31), date(2017, 10, 30)}))
    shop(memory, terms=Terms(calendars=off))
    days = {}
    for now in every(12 * HOUR, days=40):
        tick(memory, now, off)
    with memory.reading() as connection:
        days = {row.stage: row.sent_at.date() for row in connection.execute(select(outbox)).all()}
    assert days["due"] == date(2017, 10, 27)
    assert days["t-7"] == date(2017, 10, 20)
    assert days["overdue"] == date(2017, 11, 2)
