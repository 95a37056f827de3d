from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen

from ci_steps.dictionary.tables import event, outbox
from ci_steps.notices.moving.dependents import is_obliged
from ci_steps.notices.moving.obligations import who
from ci_steps.versions import parse_requirement, parse_version
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import DUE, announce, move, owns

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def outbox_rows(dictionary: Dictionary) -> list[tuple[str, str, str]]:
    with dictionary.reading() as connection:
        rows = connection.execute(
            select(outbox.c.channel, outbox.c.address, outbox.c.state).order_by(
                outbox.c.channel, outbox.c.address
            )
        )
        return [(row.channel, row.address, row.state) for row in rows]


def shop(dictionary: Dictionary) -> None:
    """Let gis and geo of one team, and web of another, run with auth 1."""
    owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis-team", "email gis@shop.example")
    owns(dictionary, "web-team", ["web"], "slack #web-team")
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1.1")
    ship(dictionary, "geo 1.0", "auth-1")
    ship(dictionary, "web 1.0", "auth-1.1", "gis-1")


@pytest.mark.parametrize(
    ("needs", "version", "obliged"),
    [
        ("auth-1.1", "2.0.0", True),
        ("auth-1", "2.0.0", True),
        ("auth-2", "2.0.0", False),
        ("auth-2.0", "2.0.0", False),
        ("auth-2.1", "2.0.0", False),
        ("auth-3", "2.0.0", False),
        ("auth-1.1", "1.2.0", False),
        ("auth-0.1", "0.2.0", True),
        ("auth-0.2", "0.2.1", False),
        ("auth-0.3", "0.2.1", False),
        ("auth-1", "v2_20171001-1", True),
        ("auth-v1_20171001", "v1_20171101-1", True),
        ("auth-v1_20171001-1", "v1_20171001-2", False),
        ("auth-v1_20171201-1", "v1_20171101-1", False),
        ("auth-201610", "201611", True),
        ("auth-201610", "201610.1", False),
        ("auth-201612", "201611", False),
        ("auth-201610", "2.0.0", False),
        ("auth-1", "201611", False),
        ("auth-1.1", "2.0.0-rc.1", True),
        ("auth-2", "2.0.0-rc.1", False),
    ],
)
def test_only_who_needs_something_older_is_obliged(needs: str, version: str, obliged: bool) -> None:
    assert is_obliged(parse_requirement(needs), parse_version(version)) is obliged


def test_a_scheme_that_the_provider_gave_up_is_older() -> None:
    began = {"semver": NOON, "dated": NOON + timedelta(days=1)}
    dated, semantic = parse_version("v1_20171001-1"), parse_version("1.1")
    assert is_obliged(parse_requirement("auth-1.1"), dated, began)
    assert not is_obliged(parse_requirement("auth-v1_20171001-1"), semantic, began)


def test_every_dependent_of_the_old_line_is_obliged_and_its_owner_addressed_once(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    announced = announce(dictionary)
    assert announced.to == "auth-2"
    assert announced.due == DUE
    assert announced.is_new
    assert [
        (one.dependent, one.requirement, one.to, one.due, one.owner)
        for one in announced.obligations
    ] == [
        ("geo", "auth-1", "auth-2", DUE, "gis-team"),
        ("gis", "auth-1.1", "auth-2", DUE, "gis-team"),
        ("web", "auth-1.1", "auth-2", DUE, "web-team"),
    ]
    assert outbox_rows(dictionary) == [
        ("email", "gis@shop.example", "pending"),
        ("slack", "#gis-team", "pending"),
        ("slack", "#web-team", "pending"),
    ]
    assert announced.told == (
        "gis-team (email gis@shop.example)",
        "gis-team (slack #gis-team)",
        "web-team (slack #web-team)",
    )
    assert announced.unreachable == ()


@pytest.mark.parametrize("again", ["auth 2.0.0", "auth 2.0.1", "auth 2.1.0"])
def test_the_same_major_is_announced_once(dictionary: Dictionary, again: str) -> None:
    shop(dictionary)
    first = announce(dictionary)
    second = announce(dictionary, again, hours=2)
    assert not second.is_new
    assert second.obligations == first.obligations
    assert len(outbox_rows(dictionary)) == 3


def test_the_next_major_is_announced_again(dictionary: Dictionary) -> None:
    shop(dictionary)
    announce(dictionary)
    assert announce(dictionary, "auth 3.0.0", hours=2).is_new
    assert len(outbox_rows(dictionary)) == 6


def test_a_deployment_that_is_undone_announces_nothing(dictionary: Dictionary) -> None:
    shop(dictionary)

    def announce_and_stumble() -> None:
        with dictionary.writing():
            announce(dictionary)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        announce_and_stumble()
    assert outbox_rows(dictionary) == []
    assert announce(dictionary).is_new


def test_who_is_not_live_here_or_needs_nothing_is_not_obliged(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis", "geo", "web"], "slack #gis-team")
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1", environment="staging")
    ship(dictionary, "geo 1.0", "auth-1")
    ship(dictionary, "geo 1.1", "auth-2", hours=0.5)
    ship(dictionary, "web 1.0")
    announced = announce(dictionary)
    assert announced.obligations == ()
    assert announced.due is None
    assert outbox_rows(dictionary) == []


def test_a_contact_of_two_owners_is_addressed_once(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis"], "email People@Shop.Example")
    owns(dictionary, "web-team", ["web"], "email People@shop.example")
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "web 1.0", "auth-1")
    announce(dictionary)
    assert outbox_rows(dictionary) == [("email", "People@shop.example", "pending")]


def test_who_cannot_be_told_is_said(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis"], "email gis@shop.example")
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "orphan 1.0", "auth-1")
    announced = announce(dictionary, channels=("file", "slack"))
    assert announced.unreachable == (
        "gis: its owner gis-team has no contact on file or slack",
        "orphan: nobody owns it",
    )
    assert [one.dependent for one in announced.obligations] == ["gis", "orphan"]
    assert outbox_rows(dictionary) == []


def test_who_would_be_told_is_answered_without_writing(dictionary: Dictionary) -> None:
    shop(dictionary)
    ship(dictionary, "orphan 1.0", "auth-1")
    with dictionary.reading() as connection:
        told = who(connection, "auth", parse_version("2.0.0"), "production")
    assert [
        (one.owner and one.owner.name, [(a.dependent.service, a.why) for a in one.affected])
        for one in told
    ] == [
        (None, [("orphan", "line 2 instead of 1")]),
        ("gis-team", [("geo", "line 2 instead of 1"), ("gis", "line 2 instead of 1")]),
        ("web-team", [("web", "line 2 instead of 1")]),
    ]
    assert told[1].owner is not None
    assert [str(one.address) for one in told[1].owner.contacts] == ["gis@shop.example", "#gis-team"]
    with dictionary.reading() as connection:
        assert connection.execute(select(event)).all() == []


def test_an_obligation_ends_with_the_deployment_that_fulfils_it(dictionary: Dictionary) -> None:
    shop(dictionary)
    announce(dictionary)
    done = move(dictionary, "web 1.1", "auth-2")
    assert [(one.dependent, one.done_at) for one in done] == [("web", NOON + timedelta(hours=2))]
    assert move(dictionary, "web 1.2", "auth-2", hours=3) == ()
    assert ("slack", "#web-team", "suppressed") in outbox_rows(dictionary)


def test_a_message_waits_while_one_of_its_services_must_still_move(dictionary: Dictionary) -> None:
    shop(dictionary)
    announce(dictionary)
    move(dictionary, "gis 1.1", "auth-2")
    assert ("slack", "#gis-team", "pending") in outbox_rows(dictionary)
    move(dictionary, "geo 1.1", "auth-2.0", hours=3)
    assert ("slack", "#gis-team", "suppressed") in outbox_rows(dictionary)


@pytest.mark.parametrize(
    "needs",
    [pytest.param([], id="needs it no more"), pytest.param(["auth-3"], id="needs a newer one")],
)
def test_who_needs_the_old_version_no_more_is_done(
    dictionary: Dictionary, needs: list[str]
) -> None:
    shop(dictionary)
    announce(dictionary)
    assert [one.dependent for one in move(dictionary, "web 1.1", *needs)] == ["web"]


def test_moving_in_staging_ends_nothing(dictionary: Dictionary) -> None:
    shop(dictionary)
    announce(dictionary)
    assert move(dictionary, "web 1.1", "auth-2", environment="staging") == ()


def test_a_service_is_done_when_its_last_live_version_has_moved(dictionary: Dictionary) -> None:
    shop(dictionary)
    announce(dictionary)
    assert move(dictionary, "web 2.0", "auth-2") == ()
    done = move(dictionary, "web 2.1", "auth-2", hours=3, replaces=("1",))
    assert [one.dependent for one in done] == ["web"]


def test_going_back_to_an_old_release_opens_the_obligation_and_its_message_again(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    announce(dictionary)
    move(dictionary, "web 1.1", "auth-2")
    assert move(dictionary, "web 1.2", "auth-1.1", hours=3) == ()
    assert ("slack", "#web-team", "pending") in outbox_rows(dictionary)
    again = announce(dictionary, "auth 2.0.1", hours=4).obligations
    assert [one.done_at for one in again if one.dependent == "web"] == [None]


def test_announcing_asks_the_database_as_often_for_fifty_owners_as_for_one(
    dictionary: Dictionary,
) -> None:
    with dictionary.writing():
        for number in range(50):
            services = [f"s{number}x{one}" for one in "abcde"]
            owns(dictionary, f"team-{number}", services, f"slack #team{number}")
            for service in services:
                ship(dictionary, f"{service} 1.0", "auth-1")
    statements: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    listen(dictionary.engine, "before_cursor_execute", count)
    announced = announce(dictionary)
    assert len(announced.obligations) == 250
    assert len(announced.told) == 50
    assert len([one for one in statements if "obligation" in one or "outbox" in one]) < 10
