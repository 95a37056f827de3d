from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from ci_steps.dictionary.tables import outbox, pause
from ci_steps.notices.sending.outbox import send
from ci_steps.notices.sending.standing import close_settled, overdue, standing, try_failed_again
from ci_steps.protocols import Delivery, Outcome, Sent
from tests.notices.sending.test_outbox import NoOptions, Said
from tests.parts.dictionaries import ship
from tests.parts.notices import Clock, announce, move, owns

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

NOBODY = Delivery(Outcome.RECIPIENT, "no such mailbox")
WRONG = Delivery(Outcome.CONFIGURATION, "wrong password")


@pytest.fixture
def shop(dictionary: Dictionary) -> Dictionary:
    """Return a dictionary in which gis, reached by mail and Slack, must move to auth 2."""
    owns(dictionary, "auth-team", ["auth"], "slack #auth")
    owns(dictionary, "gis-team", ["gis"], "email gis@shop.example", "slack #gis")
    owns(dictionary, "platform-team", [], "email platform@shop.example")
    ship(dictionary, "gis 1.0", "auth-1")
    return dictionary


def sent_by(dictionary: Dictionary, outside: Clock, catch_all: str = "", **channels: Said) -> Sent:
    plugs: dict[str, Any] = {name: (said, NoOptions()) for name, said in channels.items()}
    return send(dictionary, plugs, outside, catch_all=catch_all)


def waiting(dictionary: Dictionary) -> set[tuple[str, str, str]]:
    with dictionary.reading() as connection:
        rows = connection.execute(select(outbox))
        return {(row.channel, row.stage.partition("@")[0], row.state) for row in rows}


def test_who_has_no_mailbox_any_more_is_told_by_slack(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    mail, slack = Said(NOBODY), Said()
    sent = sent_by(shop, Clock(), email=mail, slack=slack)
    assert slack.sent == [("#gis", b"gis")]
    (said,) = sent.undelivered
    assert said.startswith("gis-team (email gis@shop.example): 1 service by 2017-11-01: no such")
    assert said.endswith("; told by slack #gis instead")


def test_who_is_told_by_slack_anyway_is_told_once(shop: Dictionary) -> None:
    announce(shop, channels=("email", "slack"))
    slack = Said()
    sent_by(shop, Clock(), email=Said(NOBODY), slack=slack)
    assert slack.sent == [("#gis", b"gis"), ("#auth", b"gis")]
    announced = {("email", "announced", "failed"), ("slack", "announced", "sent")}
    assert waiting(shop) == {*announced, ("slack", "progress", "sent")}


def test_when_nobody_can_be_told_the_catch_all_hears_of_it(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    mail = Said(NOBODY)
    sent = sent_by(shop, Clock(), catch_all="platform-team", email=mail)
    assert mail.sent[1:] == [("platform@shop.example", b"gis")]
    assert "nobody could be told; email platform@shop.example hears of that" in sent.undelivered[0]
    assert ("email", "unreached", "sent") in waiting(shop)


def test_without_a_catch_all_the_owner_of_the_release_hears_of_it(shop: Dictionary) -> None:
    owns(shop, "web-team", ["web"], "email web@shop.example")
    ship(shop, "web 1.0", "auth-1")
    announce(shop, channels=("email",))
    slack = Said()
    sent_by(shop, Clock(), email=Said(NOBODY, NOBODY), slack=slack)
    assert slack.sent == [("#gis", b"gis"), ("#auth", b"web")]


def test_a_channel_set_up_wrongly_is_replaced_after_an_hour_and_not_before(
    shop: Dictionary,
) -> None:
    announce(shop, channels=("email",))
    outside, slack = Clock(), Said()
    for minutes, told in ((0, 0), (59, 0), (1, 1), (60, 1)):
        outside.go_on(minutes=minutes)
        sent = sent_by(shop, outside, email=Said(WRONG), slack=slack)
        assert sent.undelivered == ("email: wrong password; its messages wait",)
        assert len(slack.sent) == told


def test_what_is_urgent_does_not_wait_for_the_hour(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    with shop.writing() as connection:
        connection.execute(update(outbox).values(stage="urgent"))
    slack = Said()
    sent_by(shop, Clock(), email=Said(WRONG), slack=slack)
    assert slack.sent == [("#gis", b"gis")]


def test_a_channel_that_is_set_up_right_again_sends_what_waited(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    outside, mail = Clock(), Said(WRONG)
    sent_by(shop, outside, email=mail)
    now = outside.now()
    assert standing(shop, now).warnings[0].startswith("email is not set up right since 2017-10-01")
    assert len(sent_by(shop, outside, email=mail).delivered) == 1
    with shop.reading() as connection:
        assert connection.execute(select(pause)).all() == []


@pytest.mark.parametrize(
    ("delivery", "advice"),
    [
        (NOBODY, "correct the contact email gis@shop.example of gis-team, or let it take messages"),
        (WRONG, "correct the credential or the options of email, then: ci-steps notices send"),
        (Delivery(Outcome.PAYLOAD), "shorten what the message says"),
        (Delivery(Outcome.NOT_TAKEN), "nothing: it is tried again"),
        (
            Delivery(Outcome.NOT_TAKEN, "the environment variable TEAMS_GIS is not set"),
            "give TEAMS_GIS to the job that sends, as a credential, then: ci-steps notices send",
        ),
        (Delivery(Outcome.UNKNOWN), "nothing: it is looked up before it is sent again"),
    ],
)
def test_the_status_says_what_to_do(shop: Dictionary, delivery: Delivery, advice: str) -> None:
    announce(shop, channels=("email",))
    outside = Clock()
    sent_by(shop, outside, email=Said(*[delivery] * 2))
    found = standing(shop, outside.now()).notices
    assert found[0].advice.startswith(advice)
    assert found[0].is_undelivered


def test_what_nobody_has_tried_says_by_whom_it_is_sent(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    outside = Clock()
    (notice,) = standing(shop, outside.now()).notices
    assert notice.advice == "ci-steps notices send, by a job that has the channel email"


def test_late_is_what_is_older_than_the_limit_and_has_its_time_behind_it(shop: Dictionary) -> None:

    announce(shop, channels=("email",))
    outside = Clock()
    outside.go_on(hours=1)

    def late(limit: timedelta) -> int:
        return len(overdue(standing(shop, outside.now()).notices, limit, outside.now()))

    age = standing(shop, outside.now()).notices[0].age
    assert (late(age), late(age - timedelta(seconds=1))) == (0, 1)
    with shop.writing() as connection:
        connection.execute(update(outbox).values(not_before=outside.now() + timedelta(hours=8)))
    assert late(timedelta()) == 0
    sent_by(shop, outside, email=Said())
    assert late(timedelta()) == 0


def test_what_was_given_up_is_tried_again_when_somebody_says_so(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    outside, mail = Clock(), Said(NOBODY)
    sent_by(shop, outside, email=mail)
    assert sent_by(shop, outside, email=mail) == Sent()
    assert shop.write(lambda to: try_failed_again(to, outside.now())) == 1
    assert len(sent_by(shop, outside, email=mail).delivered) == 1


def test_what_was_given_up_is_closed_when_nothing_is_left_to_do(shop: Dictionary) -> None:
    announce(shop, channels=("email",))
    sent_by(shop, Clock(), email=Said(NOBODY))
    shop.write(close_settled)
    assert ("email", "announced", "failed") in waiting(shop)
    move(shop, "gis 1.1", "auth-2")
    shop.write(close_settled)
    assert ("email", "announced", "suppressed") in waiting(shop)
