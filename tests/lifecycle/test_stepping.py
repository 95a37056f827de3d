"""The steps of an end: the world first, then the dictionary, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.lifecycle import ledger
from ci_steps.lifecycle.acts import Act, Kind
from ci_steps.lifecycle.retiring import Manner
from ci_steps.lifecycle.stepping import Ground, Taken, ask_undo, look, take, undo
from ci_steps.model import Line
from ci_steps.protocols import Leaving
from ci_steps.usage import Caller, Rules, Usage
from tests.parts.dictionaries import NOON
from tests.parts.notices import Clock
from tests.parts.verdicts import asked, run_in

LINE = Line("auth", "1", "production")
DAY = timedelta(days=1)


class World:
    """Line 1 of auth, whose end was announced and has come; `met` is what callers met."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary, self.met = dictionary, list[Leaving]()
        self.refused: tuple[Caller, ...] = ()
        self.clock = Clock(now=NOON + timedelta(hours=1))
        run_in(dictionary, "auth 1.1.0", "auth 2.0.0", address="http://auth.shop.example")
        self.decide(Act(Kind.ANNOUNCE, self.clock.now(), "anna", "v2", self.clock.today()))

    def decide(self, act: Act) -> None:
        self.dictionary.write(lambda connection: ledger.add(connection, LINE, act))

    def meet(self, leaving: Leaving) -> str:
        self.met.append(leaving)
        return f"callers meet {leaving.step or 'the service'}"

    def ground(self, meet: Callable[[Leaving], str] | None = None, line: Line = LINE) -> Ground:
        quiet = Usage("log", self.clock.now() - 45 * DAY)
        return Ground(
            self.dictionary,
            self.clock,
            line,
            Rules(),
            Manner(link="https://shop.example/end"),
            lambda question: quiet,
            meet or self.meet,
            lambda leaving: self.refused,
        )

    def take(self, *kinds: Kind) -> Taken:
        for kind in kinds:
            taken = take(self.ground(), kind, "anna", "moved")
        return taken

    def live(self) -> list[str]:
        return [str(one.version) for one in self.dictionary.live("production", "auth")]


@pytest.fixture
def world(dictionary: Dictionary) -> World:
    return World(dictionary)


def test_the_way_to_410_and_its_record(world: World) -> None:
    taken = world.take(Kind.HEADERS, Kind.DRAINED, Kind.GONE)
    assert taken.said == "callers meet gone"
    assert [one.step for one in world.met] == ["headers", "drained", "gone"]
    assert world.met[-1].links["successor"] == "http://auth.shop.example"
    assert 'rel="successor-version"' in world.met[-1].headers["Link"]
    assert world.live() == ["2.0.0"]
    with world.dictionary.reading() as connection:
        kept = ledger.read(connection, LINE)[-1]
    assert (kept.by, kept.reason) == ("anna", "moved")
    assert kept.because.startswith("NOTHING_AGAINST: nobody has called")


def test_a_line_that_is_gone_is_deployed_no_more_until_that_is_undone(world: World) -> None:
    world.take(Kind.HEADERS, Kind.DRAINED, Kind.GONE)
    assert asked(world.dictionary, "auth 1.2.0").text == "auth-1 is retired: moved"
    undo(world.ground(), "anna", "not yet")
    assert world.live() == ["1.1.0", "2.0.0"]
    assert world.met[-1].step == "drained"
    assert "retired" not in asked(world.dictionary, "auth 1.2.0").text


def test_one_production_of_several_retires_the_line_for_itself_alone(world: World) -> None:
    run_in(world.dictionary, "auth 1.1.0", "auth 2.0.0", environment="production-us")
    environments = {one.name: one for one in world.dictionary.environments()}
    world.dictionary.record_environment(replace(environments["production-us"], production=True))
    world.take(Kind.HEADERS, Kind.DRAINED, Kind.GONE)
    assert "retired" not in asked(world.dictionary, "auth 1.2.0").text


def test_what_the_world_refuses_is_not_recorded(world: World) -> None:
    def down(leaving: Leaving) -> str:
        raise OutsideError("nginx is down")

    with pytest.raises(OutsideError):
        take(world.ground(down), Kind.HEADERS, "anna", "moved")
    assert look(world.ground()).stands.steps == ()


def test_a_no_touches_nothing(world: World) -> None:
    world.decide(Act(Kind.HOLD, world.clock.now(), "legal", "an audit"))
    taken = world.take(Kind.HEADERS)
    assert (taken.may.yes, taken.may.reason, world.met) == (False, "ON_HOLD", [])


def test_approval_that_was_revoked_in_between_is_seen_at_the_moment_of_the_act(
    world: World,
) -> None:
    world.take(Kind.HEADERS, Kind.DRAINED)
    world.decide(Act(Kind.HOLD, world.clock.now(), "legal", "an audit"))
    assert not world.take(Kind.GONE).may.yes
    assert world.live() == ["1.1.0", "2.0.0"]


def test_who_is_refused_behind_a_drained_line_stops_its_end(world: World) -> None:
    world.take(Kind.HEADERS, Kind.DRAINED)
    world.refused = (Caller("billing", 2, world.clock.now()),)
    taken = world.take(Kind.GONE)
    assert (taken.may.yes, taken.may.reason) == (False, "CALLED")
    assert "billing" in taken.may.text


def test_its_image_goes_a_while_later_and_nothing_brings_it_back(world: World) -> None:
    world.take(Kind.HEADERS, Kind.DRAINED, Kind.GONE)
    assert world.take(Kind.REMOVED).may.reason == "IMAGE_KEPT"
    world.clock.go_on(days=30)
    assert world.take(Kind.REMOVED).may.yes
    with pytest.raises(RefusedError, match="nothing of it comes back"):
        ask_undo(world.ground())


@pytest.mark.parametrize(
    ("kinds", "problem"),
    [
        ((Kind.DRAINED,), "headers comes before drained"),
        ((Kind.HEADERS, Kind.GONE), "brown-out comes before gone"),
        ((Kind.HEADERS, Kind.HEADERS), "it is headers already"),
        ((Kind.HEADERS, Kind.DRAINED, Kind.BROWN_OUT), "it is drained"),
    ],
)
def test_steps_are_taken_in_their_order(
    world: World, kinds: tuple[Kind, ...], problem: str
) -> None:
    with pytest.raises(RefusedError, match=problem):
        world.take(*kinds)


def test_the_place_of_another_line_is_never_touched(world: World) -> None:
    # Line 2 took the place of line 1, as nobody needed that.
    run_in(world.dictionary, "auth 2.0.0 in 1")
    with pytest.raises(RefusedError, match="does not run in production"):
        world.take(Kind.HEADERS)
    assert world.met == []


def test_nothing_is_undone_where_nothing_was_done(world: World) -> None:
    with pytest.raises(RefusedError, match="there is no step to undo"):
        undo(world.ground(), "anna", "why not")


def test_an_announcement_is_not_withdrawn_while_callers_are_told(world: World) -> None:
    world.take(Kind.HEADERS)
    with pytest.raises(RefusedError, match="it is headers already"):
        world.decide(Act(Kind.WITHDRAW, world.clock.now(), "anna", "no"))
