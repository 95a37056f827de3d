"""What becomes of a notice when its release is replaced, withdrawn, or meets somebody new."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from ci_steps.dictionary.tables import obligation, outbox
from ci_steps.model import Deployment
from ci_steps.notices.facts import message_of
from ci_steps.notices.moving.superseding import withdraw_gone
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import DUE, announce, move, owns

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.protocols import Message

HOUR = timedelta(hours=1)


def shop(dictionary: Dictionary) -> None:
    """Tell gis-team that gis and geo must move to auth 2."""
    owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis")
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1.1")
    ship(dictionary, "geo 1.0", "auth-1.1")
    announce(dictionary)
    deliver(dictionary)


def deliver(dictionary: Dictionary) -> None:
    with dictionary.writing() as connection:
        connection.execute(update(outbox).where(outbox.c.state == "pending").values(state="sent"))


def stages(dictionary: Dictionary, state: str = "pending") -> list[str]:
    with dictionary.reading() as connection:
        asked = select(outbox.c.stage).where(outbox.c.state == state).order_by(outbox.c.id)
        return list(connection.scalars(asked))


def waiting(dictionary: Dictionary) -> Message:
    with dictionary.reading() as connection:
        row = connection.execute(select(outbox).where(outbox.c.state == "pending")).one()
        message = message_of(connection, row)
    assert message is not None
    return message


def withdraw(dictionary: Dictionary, *, after: timedelta) -> tuple[str, ...]:
    """End what runs of auth 2, and come by some time after that."""
    gone = NOON + 5 * HOUR
    runs = Deployment("auth", parse_version("2.0.0"), "c1", "production", "2", NOON)
    dictionary.end_deployment(runs, gone)
    with dictionary.writing() as connection:
        return withdraw_gone(connection, gone + after)


def test_a_newer_major_takes_the_place_of_one_nobody_has_moved_to(dictionary: Dictionary) -> None:
    shop(dictionary)
    with dictionary.writing() as connection:
        connection.execute(update(obligation).values(due=date(2017, 10, 20)))
    announced = announce(dictionary, "auth 3.0.0", hours=3)
    assert announced.due == date(2017, 10, 20)
    assert stages(dictionary) == ["superseded"]
    message = waiting(dictionary)
    assert (message.to, message.replaces, message.due) == ("auth-3", "auth-2", announced.due)
    assert [one.dependent for one in message.obligations] == ["geo", "gis"]


def test_who_was_never_told_of_the_older_major_is_told_of_the_newer_alone(
    dictionary: Dictionary,
) -> None:
    owns(dictionary, "gis-team", ["gis"], "slack #gis")
    ship(dictionary, "gis 1.0", "auth-1.1")
    announce(dictionary)
    announce(dictionary, "auth 3.0.0", hours=3)
    assert stages(dictionary) == ["announced"]
    assert stages(dictionary, "suppressed") == ["announced"]
    assert waiting(dictionary).to == "auth-3"


def test_going_to_the_middle_major_does_not_end_what_the_newest_asks(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    announce(dictionary, "auth 3.0.0", hours=3)
    assert move(dictionary, "gis 1.1", "auth-2", hours=4) == ()
    done = move(dictionary, "gis 1.2", "auth-3", hours=5)
    assert [(one.dependent, one.to) for one in done] == [("gis", "auth-3")]


def test_a_release_that_is_gone_for_an_hour_is_withdrawn_once(dictionary: Dictionary) -> None:
    shop(dictionary)
    assert withdraw(dictionary, after=HOUR / 2) == ()
    assert withdraw(dictionary, after=HOUR) == ("auth-2 in production",)
    assert withdraw(dictionary, after=2 * HOUR) == ()
    assert stages(dictionary) == ["withdrawn"]
    assert [one.dependent for one in waiting(dictionary).obligations] == ["geo", "gis"]


def test_nobody_hears_of_a_withdrawal_who_was_not_told(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis"], "slack #gis")
    ship(dictionary, "gis 1.0", "auth-1.1")
    announce(dictionary)
    withdraw(dictionary, after=HOUR)
    assert stages(dictionary) == []
    assert stages(dictionary, "suppressed") == ["announced"]


def test_what_comes_back_is_announced_anew(dictionary: Dictionary) -> None:
    shop(dictionary)
    withdraw(dictionary, after=HOUR)
    deliver(dictionary)
    announced = announce(dictionary, "auth 2.0.0", hours=24)
    assert announced.is_new
    assert [one.done_at for one in announced.obligations] == [None, None]
    assert stages(dictionary) == ["announced"]
    assert waiting(dictionary).due == DUE


def test_a_dependent_that_comes_later_is_added_and_named_alone(dictionary: Dictionary) -> None:
    shop(dictionary)
    owns(dictionary, "gis-team", ["map", "way"])
    ship(dictionary, "map 1.0", "auth-1.1", hours=2)
    announce(dictionary, "auth 2.0.1", hours=3)
    assert stages(dictionary) == ["added"]
    assert [one.dependent for one in waiting(dictionary).obligations] == ["map"]
    deliver(dictionary)
    ship(dictionary, "way 1.0", "auth-1.1", hours=4)
    announce(dictionary, "auth 2.0.2", hours=5)
    assert stages(dictionary) == ["added+2"]
    assert [one.dependent for one in waiting(dictionary).obligations] == ["way"]


def test_a_dependent_that_comes_before_the_announcement_is_sent_is_in_it(
    dictionary: Dictionary,
) -> None:
    owns(dictionary, "gis-team", ["gis", "map"], "slack #gis")
    ship(dictionary, "gis 1.0", "auth-1.1")
    announce(dictionary)
    ship(dictionary, "map 1.0", "auth-1.1", hours=2)
    announce(dictionary, "auth 2.0.1", hours=3)
    assert stages(dictionary) == ["announced"]
    assert [one.dependent for one in waiting(dictionary).obligations] == ["gis", "map"]


def test_who_has_moved_everything_is_told_that_it_is_over_and_a_rollback_takes_that_back(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    move(dictionary, "gis 1.1", "auth-2", hours=2)
    assert stages(dictionary) == []
    move(dictionary, "geo 1.1", "auth-2", hours=3)
    assert stages(dictionary) == ["done"]
    assert [one.dependent for one in waiting(dictionary).moved] == ["geo", "gis"]
    move(dictionary, "geo 1.2", "auth-1.1", hours=4)
    assert stages(dictionary) == []
    move(dictionary, "geo 1.3", "auth-2", hours=5)
    assert stages(dictionary) == ["done"]
