from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_steps.channels import file
from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison, keep_contract
from ci_steps.dictionary.deployment_recording import end_deployment
from ci_steps.model import Owner
from ci_steps.notices.schedule import due_day
from ci_steps.notices.sending.heartbeat import beat, last_heartbeat, silence
from ci_steps.notices.sending.standing import standing
from ci_steps.notices.tick import Schedule, Ticked, tick
from tests.parts.dictionaries import NOON, deployed, release, ship
from tests.parts.notices import Clock, announce, move, owns

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.dictionary.store import Dictionary

SCHEDULE = Schedule(due=due_day, by="nightly")


def ticked(
    dictionary: Dictionary, folder: Path, outside: Clock, since: datetime | None = None
) -> Ticked:
    channels = {"file": (file, file.Options(folder=str(folder)))}
    return tick(dictionary, channels, outside, Schedule(due=due_day, by="nightly", since=since))


@pytest.fixture
def shop(dictionary: Dictionary) -> Dictionary:
    """Return a dictionary in which gis needs auth 1 and something ticks since noon."""
    owns(dictionary, "gis-team", ["gis"], "file gis-team")
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1.1")
    dictionary.write(lambda connection: beat(connection, NOON))
    return dictionary


def test_a_release_that_was_recorded_another_way_is_announced_once(
    shop: Dictionary, tmp_path: Path
) -> None:
    ship(shop, "auth 2.0.0", hours=1)
    outside = Clock(now=NOON + timedelta(hours=2))
    first = ticked(shop, tmp_path, outside)
    assert [(one.to, str(one.due)) for one in first.announced] == [("auth-2", "2017-11-01")]
    assert first.sent.delivered == ("gis-team (file gis-team): 1 service by 2017-11-01",)
    assert ticked(shop, tmp_path, outside) == Ticked()
    ship(shop, "auth 2.0.1", hours=3, replaces=("2",))
    assert ticked(shop, tmp_path, outside).announced == ()


def test_what_the_deployment_announced_is_not_announced_again(
    shop: Dictionary, tmp_path: Path
) -> None:
    announce(shop, channels=("file",))
    done = ticked(shop, tmp_path, Clock())
    assert (done.announced, len(done.sent.delivered)) == ((), 1)


def test_what_is_older_than_the_first_tick_is_history_unless_it_is_asked_for(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    owns(dictionary, "gis-team", ["gis"], "file gis-team")
    ship(dictionary, "gis 1.0", "auth-1.1")
    ship(dictionary, "auth 2.0.0", hours=1)
    outside = Clock(now=NOON + timedelta(hours=2))
    assert ticked(dictionary, tmp_path, outside) == Ticked()
    assert len(ticked(dictionary, tmp_path, outside, since=NOON).announced) == 1


def test_what_obliges_nobody_or_is_not_in_production_is_not_announced(
    shop: Dictionary, tmp_path: Path
) -> None:
    ship(shop, "auth 1.2", hours=1, replaces=("1",))
    ship(shop, "auth 2.0.0", hours=2, environment="staging")
    assert ticked(shop, tmp_path, Clock(now=NOON + timedelta(hours=3))) == Ticked()


def test_a_version_that_may_break_and_was_compared_to_break_nothing_is_not_announced(
    shop: Dictionary, tmp_path: Path
) -> None:
    with shop.writing() as connection:
        old, new, others = (
            keep_contract(connection, "a.graphql", {"a.graphql": text})
            for text in (b"1", b"2", b"3")
        )
        keep_comparison(connection, Comparison(old, new, "graphql", ()), NOON)
    ship(shop, "web 1.0", "geo-201610")
    for label, contract, hours in (
        ("geo 201610", old, 0),
        ("geo 201611", new, 1),
        ("geo 201612", others, 2),
    ):
        shipped = release(label, contract=contract, commit=label)
        shop.record_deployment(shipped, deployed(shipped, hours=hours), production=True)
        outside = Clock(now=NOON + timedelta(hours=hours))
        found = [one.to for one in ticked(shop, tmp_path, outside).announced]
        assert found == (["geo-201612"] if contract == others else [])


def test_what_was_fulfilled_another_way_ends_and_nobody_is_told_of_it(
    shop: Dictionary, tmp_path: Path
) -> None:
    announce(shop, channels=("file",))
    ship(shop, "gis 1.1", "auth-2", hours=2)
    done = ticked(shop, tmp_path, Clock(now=NOON + timedelta(hours=3)))
    assert [(one.dependent, one.to) for one in done.ended] == [("gis", "auth-2")]
    assert done.sent.delivered == ()
    assert ticked(shop, tmp_path, Clock(now=NOON + timedelta(hours=4))).ended == ()


@pytest.mark.parametrize("moves", [True, False])
def test_who_runs_no_more_has_not_moved_and_is_not_said_to_have(
    shop: Dictionary, tmp_path: Path, *, moves: bool
) -> None:
    owns(shop, "gis-team", ["geo"], "file gis-team")
    if moves:
        ship(shop, "geo 1.0", "auth-1")
    announce(shop, channels=("file",))
    outside = Clock(now=NOON + timedelta(hours=3))
    ticked(shop, tmp_path, outside)
    with shop.writing() as connection:
        end_deployment(connection, deployed(release("gis 1.0")), NOON + timedelta(hours=2))
    if moves:
        move(shop, "geo 1.1", "auth-2", hours=2)
    ticked(shop, tmp_path, outside)
    [said] = [one for one in map(Path.read_text, tmp_path.glob("*.eml")) if "[done]" in one]
    gone = "gis runs no more in production"
    assert (f"geo has moved to auth-2, and {gone}." if moves else f"\n{gone}.\n") in said
    assert (f"[done] gis {'moved' if moves else 'out of use'}" in said) is not moves


def test_a_heartbeat_is_kept_and_a_clock_set_back_does_not_make_it_older(
    dictionary: Dictionary,
) -> None:
    for hours in (1, 3, 2):
        at = NOON + timedelta(hours=hours)
        with dictionary.writing() as connection:
            beat(connection, at, f"job {at.hour}")
    with dictionary.reading() as connection:
        last = last_heartbeat(connection)
    assert last is not None
    assert (last.first_at, last.at, last.by) == (
        NOON + timedelta(hours=1),
        NOON + timedelta(hours=3),
        "job 15",
    )


def test_silence_is_said_after_two_hours_and_only_where_somebody_waits(shop: Dictionary) -> None:
    def said(**later: float) -> str:
        with shop.reading() as connection:
            return silence(connection, NOON + timedelta(**later))

    assert said(days=9) == ""
    announce(shop, hours=-1)
    assert said(hours=2) == ""
    assert said(hours=2, seconds=1) == (
        "nothing has reminded anybody for 2 h: schedule: ci-steps notices tick"
    )
    move(shop, "gis 1.1", "auth-2")
    assert said(days=9) == ""


def test_where_nothing_ever_ticked_it_is_said_when_somebody_has_waited_for_two_hours(
    dictionary: Dictionary,
) -> None:
    owns(dictionary, "gis-team", ["gis"], "file gis-team")
    ship(dictionary, "gis 1.0", "auth-1.1")
    announce(dictionary, hours=0)
    with dictionary.reading() as connection:
        assert silence(connection, NOON + timedelta(hours=2)) == ""
        said = silence(connection, NOON + timedelta(hours=2, seconds=1))
    assert said.startswith("nobody is reminded of anything")


def test_a_time_zone_that_is_not_known_is_said_with_whose_it_is(
    dictionary: Dictionary,
) -> None:
    for name in "abcdefg":
        dictionary.record_owner(Owner(f"{name}-team", "", (), time_zone="Mars/Olympus"))
    dictionary.record_owner(Owner("gis-team", "", (), time_zone="Europe/Berlin"))
    assert standing(dictionary, NOON).warnings == (
        (
            "the time zone 'Mars/Olympus' of a-team, b-team, c-team, d-team, e-team and 2 more is "
            "not known here, and their days and hours are those of notify.time_zone: correct it"
        ),
    )
