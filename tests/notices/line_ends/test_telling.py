"""The end of a line is told: to whom, of what, and each once, on both kinds of database."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.endings import Window
from ci_steps.lifecycle import ledger
from ci_steps.lifecycle.acts import Act, Kind
from ci_steps.model import Line
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.line_ends.announcements import unreachable
from ci_steps.notices.line_ends.telling import Told, note_callers, tell_all
from ci_steps.notices.schedule import due_day
from ci_steps.notices.sending import outbox
from ci_steps.notices.sending.standing import standing
from ci_steps.notices.tick import Schedule, tick
from ci_steps.outside import Outside
from ci_steps.protocols import Delivery, Message, Outcome
from ci_steps.usage import Caller, Guess, Usage
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import Clock, owns
from tests.parts.verdicts import run_in

LINE = Line("auth", "1", "production")
# Both days of the end are Mondays.
BEGAN, END, LATER = NOON + timedelta(hours=1), date(2017, 11, 13), date(2017, 12, 11)


class World:
    """gis and web need line 1 of auth, geo calls it; `told` is what owners were told."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary, self.clock = dictionary, Clock(now=BEGAN)
        run_in(dictionary, "auth 1.1.0", "auth 2.0.0", "gis 3.0: auth-1.1", "web 5.0: auth-1")
        run_in(dictionary, "geo 1.0")
        for team, *services in (("gis-team", "gis"), ("web-team", "web"), ("geo-team", "geo")):
            owns(dictionary, team, services, f"file {team}")
        owns(dictionary, "auth-team", ["auth"], "file auth-team")

    def decides(self, kind: Kind, on: date | None = None, *windows: Window) -> None:
        act = Act(kind, self.clock.now(), "anna", f"because of {kind.value}", on, windows=windows)
        self.dictionary.write(lambda connection: ledger.add(connection, LINE, act))
        self.tell()

    def tell(self, *channels: str) -> int:
        how = Told(channels or ("file",), Calendars(), self.clock.now())
        return self.dictionary.write(lambda connection: tell_all(connection, how))

    def sees(self, *names: str, problem: str = "") -> None:
        callers = tuple(Caller(name, 1, self.clock.now()) for name in names)
        usage = Usage("log", BEGAN, None, callers, problem)
        guesses = {name: Guess(name) for name in names}
        now = self.clock.now()
        self.dictionary.write(lambda to: note_callers(to, LINE, usage, guesses, now))
        self.tell()

    def told(self) -> list[str]:
        """Return the stages of what waits, by owner, in the order in which they were decided."""
        found = standing(self.dictionary, self.clock.now()).notices
        waiting = [one for one in found if one.state == "pending"]
        return sorted(f"{one.owner}: {one.stage.partition('@')[0]}" for one in waiting)

    def send(self) -> list[str]:
        """Send what waits; return its words, each on one line."""
        with self.dictionary.reading() as connection:
            found = outbox.previews(connection, {"file": (Sink(), None)})
        outbox.send(self.dictionary, {"file": (Sink(), None)}, self.clock)
        return [" ".join(one.text.split()) for one in found]

    def tick(self) -> list[str]:
        """Let a tick do what is due; return what was told by it."""
        sink = Sink()
        how = Schedule(due_day, since=BEGAN)
        tick(self.dictionary, {"file": (sink, None)}, self.clock, how)
        return sorted(sink.sent)


class Sink:
    """A channel that takes everything and remembers who got what."""

    Options: type[Any] = object

    def __init__(self) -> None:
        self.sent: list[str] = []

    def payload(self, message: Message, address: str, options: Any) -> bytes:
        return f"{address}: {message.stage.partition('@')[0]}".encode()

    def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
        self.sent.append(payload.decode())
        return Delivery(Outcome.SENT)


@pytest.fixture
def world(dictionary: Dictionary) -> World:
    return World(dictionary)


def test_owners_of_those_who_need_it_or_call_it_hear_of_it_once(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    assert world.told() == ["gis-team: announced", "web-team: announced"]
    world.sees("geo")
    assert world.told() == ["geo-team: announced", "gis-team: announced", "web-team: announced"]
    assert world.tell() == 0
    texts = world.send()
    assert len(texts) == 3
    said = next(one for one in texts if "gis" in one)
    assert said.startswith(
        "Subject: [action by 2017-11-13] auth-1 in production will be switched off: update gis"
    )
    assert "because of announce" in said
    assert "declares that it needs auth-1.1" in said
    assert "2.0.0" in said
    assert "was seen calling auth-1" in next(one for one in texts if "geo" in one)
    assert (world.tell(), world.tick()) == (0, [])


def test_reminders_go_to_whoever_has_not_moved(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.send()
    ship(world.dictionary, "web 5.1", "auth-2", hours=2)
    for days, told in ((29, ["gis-team: t-14"]), (7, ["gis-team: t-7"]), (0, []), (8, None)):
        world.clock.go_on(days=days)
        found = world.tick()
        assert told is None or found == told
    assert found == ["gis-team: overdue"]


def test_a_later_day_is_told_and_counts_anew(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.send()
    world.clock.go_on(days=29)
    world.tick()
    world.decides(Kind.AMEND, LATER)
    assert world.told() == ["gis-team: amended", "web-team: amended"]
    (text, _) = world.send()
    assert "was moved to Monday 11 December 2017: because of amend" in text
    world.clock.go_on(days=28)
    assert world.tick() == ["gis-team: t-14", "web-team: t-14"]


def test_what_is_amended_before_anybody_was_told_is_told_at_once(world: World) -> None:
    act = Act(Kind.ANNOUNCE, world.clock.now(), "anna", "v2", END)
    world.dictionary.write(lambda connection: ledger.add(connection, LINE, act))
    world.clock.go_on(hours=1)
    world.decides(Kind.AMEND, LATER)
    assert world.told() == ["gis-team: announced", "web-team: announced"]
    assert "2017-12-11" in world.send()[0]


def test_planned_refusals_are_announced_with_their_moments(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.send()
    begin = datetime(2017, 11, 6, 10, tzinfo=timezone.utc)
    world.clock.go_on(days=1)
    world.decides(Kind.HEADERS)
    world.decides(Kind.BROWN_OUT, None, Window(begin, begin + timedelta(minutes=10)))
    assert world.told() == ["gis-team: brown-out", "web-team: brown-out"]
    assert "2017-11-06 10:00 to 10:10 UTC, with 503" in world.send()[0]


def test_a_withdrawal_is_told_to_those_who_were_told_and_ends_it(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.send()
    world.clock.go_on(days=1)
    world.decides(Kind.WITHDRAW)
    assert world.told() == ["gis-team: withdrawn", "web-team: withdrawn"]
    (text, _) = world.send()
    assert text.startswith("Subject: [nothing to do] auth-1 stays in production")
    world.clock.go_on(days=60)
    assert world.tick() == []
    world.decides(Kind.ANNOUNCE, LATER + timedelta(days=60))
    assert world.told() == ["gis-team: announced", "web-team: announced"]


def test_the_end_is_told_to_those_who_were_told(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.send()
    for kind in (Kind.HEADERS, Kind.DRAINED, Kind.GONE):
        world.decides(kind)
    assert world.told() == ["gis-team: done", "web-team: done"]
    assert "answers every call with 410 Gone" in world.send()[0]


def test_without_a_day_nobody_is_reminded(world: World) -> None:
    world.decides(Kind.ANNOUNCE)
    (text, _) = world.send()
    assert "[deprecated] auth-1 in production will be switched off" in text
    world.clock.go_on(days=400)
    assert world.tick() == []


def test_a_dependent_that_comes_later_hears_of_it(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.send()
    owns(world.dictionary, "gis-team", ["tiles"], "file gis-team")
    run_in(world.dictionary, "tiles 1.0: auth-1")
    world.clock.go_on(hours=1)
    assert world.tick() == ["gis-team: added"]


def test_where_the_channels_are_not_known_a_tick_tells_it(world: World) -> None:
    act = Act(Kind.ANNOUNCE, world.clock.now(), "anna", "v2", END)
    world.dictionary.write(lambda connection: ledger.add(connection, LINE, act))
    nobody = Told((), Calendars(), world.clock.now())
    assert world.dictionary.write(lambda connection: tell_all(connection, nobody)) == 0
    assert world.tick() == ["gis-team: announced", "web-team: announced"]


def test_a_dictionary_that_was_just_loaded_tells_nobody_of_its_past(world: World) -> None:
    act = Act(Kind.ANNOUNCE, world.clock.now(), "anna", "v2", END)
    world.dictionary.write(lambda connection: ledger.add(connection, LINE, act))
    late = Told(("file",), Calendars(), world.clock.now(), since=world.clock.now() + timedelta(1))
    assert world.dictionary.write(lambda connection: tell_all(connection, late)) == 0


def test_callers_are_not_known_where_nothing_was_observed(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    world.sees("geo", problem="connection refused")
    assert "geo-team: announced" not in world.told()


def test_who_cannot_be_told_is_named(world: World) -> None:
    run_in(world.dictionary, "orphan 1.0: auth-1")
    world.decides(Kind.ANNOUNCE, END)
    with world.dictionary.reading() as connection:
        assert [*unreachable(connection, LINE, ("slack",))] == [
            "gis: its owner gis-team has no contact on slack",
            "orphan: nobody owns it",
            "web: its owner web-team has no contact on slack",
        ]


def test_the_status_says_what_a_message_is_about(world: World) -> None:
    world.decides(Kind.ANNOUNCE, END)
    found = standing(world.dictionary, world.clock.now()).notices
    assert {one.about for one in found} == {"end of auth-1 in production"}
