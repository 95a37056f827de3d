from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from ci_steps.channels import email, slack
from ci_steps.dictionary.tables import outbox
from ci_steps.model import Deployment
from ci_steps.notices.moving.acknowledgements import Saying, acknowledge
from ci_steps.notices.moving.superseding import withdraw_gone
from ci_steps.notices.sending.outbox import send
from ci_steps.notices.sending.standing import standing
from ci_steps.notices.threads import show_state
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import Clock, announce, move, owns
from tests.parts.slack import TOKEN, Slack, refuses, resets_after_posting
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import mail_server

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

ROOT_TS = "1511430067.000001"


@pytest.fixture
def shop(dictionary: Dictionary) -> Dictionary:
    """Return a dictionary in which the owner of gis and geo is to be told of auth 2."""
    owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis-team", "email gis@shop.example")
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "geo 1.0", "auth-1")
    announce(dictionary, channels=("slack", "email"))
    return dictionary


def later(dictionary: Dictionary, channel: str, stage: str) -> None:
    """Write one more message to the contact that was told on a channel."""
    with dictionary.writing() as connection:
        known = select(outbox).where(outbox.c.channel == channel).order_by(outbox.c.id)
        row = connection.execute(known.limit(1)).one()
        values = {"event_id": row.event_id, "owner_id": row.owner_id, "stage": stage}
        where = {"channel": channel, "address": row.address}
        times = {"created_at": NOON, "not_before": NOON}
        connection.execute(insert(outbox).values(**values, **where, **times))


def by_slack(dictionary: Dictionary, server: Slack, outside: Clock | None = None) -> int:
    """Send, and return how many messages went."""
    plugs: dict[str, Any] = {"slack": (slack, slack.Options(url=server.url, timeout_seconds=2))}
    return len(send(dictionary, plugs, outside or Clock({"SLACK_TOKEN": TOKEN})).delivered)


def test_a_reminder_goes_into_the_thread_of_its_announcement(shop: Dictionary) -> None:
    later(shop, "slack", "t-7")
    with slack_server() as server:
        assert by_slack(shop, server) == 2
    root, reminder = server.posted
    assert (root["channel"], root.get("thread_ts")) == ("#gis-team", None)
    assert (reminder["channel"], reminder["thread_ts"]) == ("C0GISTEAM", ROOT_TS)


def test_a_reminder_does_not_overtake_its_announcement(shop: Dictionary) -> None:
    later(shop, "slack", "t-7")
    with slack_server(refuses("ratelimited")) as server:
        assert by_slack(shop, server) == 0
        assert by_slack(shop, server, Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(hours=2))) == 2
    assert [one.get("thread_ts") for one in server.posted] == [None, ROOT_TS]


def test_a_reminder_whose_announcement_never_arrived_stands_alone(shop: Dictionary) -> None:
    later(shop, "slack", "due")
    with slack_server(refuses("user_not_found")) as server:
        assert by_slack(shop, server) == 1
    assert "thread_ts" not in server.posted[0]


def test_a_lost_answer_in_a_thread_is_looked_up_in_the_thread(shop: Dictionary) -> None:
    outside = Clock({"SLACK_TOKEN": TOKEN})
    with slack_server() as server:
        by_slack(shop, server, outside)
        later(shop, "slack", "due")
        server.answers.append(resets_after_posting)
        by_slack(shop, server, outside)
        outside.go_on(seconds=10)
        assert by_slack(shop, server, outside) == 1
    assert len(server.posted) == len(set(server.keys())) == 2
    assert [asked["ts"] for method, asked in server.asked if method.endswith("replies")] == [
        ROOT_TS
    ]


def test_the_announcement_is_changed_to_what_holds_now(shop: Dictionary) -> None:
    outside = Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(hours=5))
    with slack_server() as server:
        by_slack(shop, server, outside)
        for label, needs, hours in (("geo 1.1", "auth-2", 2), ("geo 1.2", "auth-1", 3)):
            move(shop, label, needs, hours=hours)
            by_slack(shop, server, outside)
    assert len(server.posted) == 1
    assert [(one["channel"], one["ts"]) for one in server.updates] == [("C0GISTEAM", ROOT_TS)] * 2
    first, second = (str(one["blocks"]) for one in server.updates)
    assert "1 of 2 moved" in first
    assert "0 of 2 moved" in second


def test_what_is_planned_is_shown_in_the_announcement(shop: Dictionary) -> None:
    saying = Saying("auth-2/production/gis-team", date(2017, 12, 1), "a new client", "somebody")
    with slack_server() as server:
        by_slack(shop, server)
        shop.write(lambda connection: acknowledge(connection, saying, NOON + timedelta(hours=1)))
        by_slack(shop, server)
    assert len(server.posted) == 1
    [shown] = server.updates
    assert "0 of 2 moved · 2 planned" in str(shown["blocks"])
    assert "2017-12-01" in str(shown["blocks"])


def withdraw(dictionary: Dictionary) -> None:
    """End what runs of auth 2, and come by a day later."""
    runs = Deployment("auth", parse_version("2.0.0"), "c1", "production", "2", NOON)
    dictionary.end_deployment(runs, NOON + timedelta(hours=2))
    at = NOON + timedelta(days=1)
    dictionary.write(lambda connection: withdraw_gone(connection, at))


def test_the_announcement_of_what_was_withdrawn_says_so_and_so_does_its_thread(
    shop: Dictionary,
) -> None:
    outside = Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(days=2))
    with slack_server() as server:
        by_slack(shop, server, outside)
        withdraw(shop)
        by_slack(shop, server, outside)
    [changed] = server.updates
    assert "auth 2.0.0 was withdrawn" in str(changed["blocks"])
    assert "0 of 2 moved" not in str(changed["blocks"])
    assert [one.get("thread_ts") for one in server.posted] == [None, ROOT_TS]


def test_the_announcement_of_what_was_replaced_points_to_the_newer_one(shop: Dictionary) -> None:
    outside = Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(hours=5))
    with slack_server() as server:
        by_slack(shop, server, outside)
        announce(shop, "auth 3.0.0", channels=("slack",), hours=3)
        by_slack(shop, server, outside)
    [changed] = server.updates
    assert changed["ts"] == ROOT_TS
    assert "auth 2.0.0 was replaced" in str(changed["blocks"])
    assert "the notice about the newer release" in str(changed["blocks"])
    assert [one.get("thread_ts") for one in server.posted] == [None, None]


def test_a_change_that_waits_while_the_release_comes_back_is_not_posted(shop: Dictionary) -> None:
    outside = Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(days=3))
    with slack_server() as server:
        by_slack(shop, server, outside)
        withdraw(shop)
        announce(shop, channels=("slack",), hours=30)
        by_slack(shop, server, outside)
    assert server.updates == []
    stages = [one["metadata"]["event_payload"]["stage"] for one in server.posted]
    assert stages == ["announced", "announced"]


def test_what_was_not_posted_yet_is_not_changed(shop: Dictionary) -> None:
    with shop.writing() as connection:
        event_id = connection.scalar(select(outbox.c.event_id).limit(1)) or 0
        show_state(connection, event_id, NOON)
        assert connection.scalars(select(outbox.c.stage).distinct()).all() == ["announced"]


def test_the_place_of_a_message_is_kept_for_people(shop: Dictionary) -> None:
    with slack_server() as server:
        by_slack(shop, server)
    sent = [one for one in standing(shop, NOON).notices if one.state == "sent"]
    assert [one.permalink for one in sent] == [
        "https://shop.slack.example/archives/C0GISTEAM/p1511430067000001"
    ]


def test_a_mail_refers_to_its_announcement(shop: Dictionary) -> None:
    later(shop, "email", "t-7")
    with mail_server() as server:
        options = email.Options(
            host="127.0.0.1", port=server.port, security="plain", sender="ci@shop.example"
        )
        send(shop, {"email": (email, options)}, Clock())
    first, second = (message_from_bytes(one.content, policy=default) for one in server.mails)
    assert first["References"] is None
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


def test_an_addition_that_was_sent_is_not_sent_again_when_another_service_moves(
    shop: Dictionary,
) -> None:
    later(shop, "slack", "added")
    with slack_server() as server:
        assert by_slack(shop, server) == 2
        move(shop, "geo 1.1", "auth-2")
        by_slack(shop, server)
    assert len(server.posted) == len(set(server.keys())) == 2
