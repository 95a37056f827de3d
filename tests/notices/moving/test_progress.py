"""The owners of a release see how far the others are: kept current, on the day, at the end."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from ci_steps.channels import email, slack
from ci_steps.dictionary.tables import obligation
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.moving.acknowledgements import Saying, acknowledge
from ci_steps.notices.moving.reminders import remind
from ci_steps.notices.moving.superseding import withdraw_gone
from ci_steps.notices.sending.outbox import send
from tests.parts.dictionaries import NOON, dictionary_at, ship
from tests.parts.notices import DUE, Clock, announce, move, owns
from tests.parts.slack import TOKEN, Slack, refuses
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import Mailbox, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.store import Dictionary

CHANNELS = ("slack", "email")
MORNING = datetime(DUE.year, DUE.month, DUE.day, 9, tzinfo=timezone.utc)


class Town:
    """A dictionary with a Slack and a mail server around it, and a clock."""

    def __init__(self, dictionary: Dictionary, server: Slack, mails: Mailbox) -> None:
        self.dictionary, self.slack, self.mails = dictionary, server, mails
        self.clock = Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(hours=5))

    def send(self) -> tuple[str, ...]:
        """Send, and return what could not be."""
        by_mail = email.Options(
            host="127.0.0.1", port=self.mails.port, security="plain", sender="ci@shop.example"
        )
        by_slack = slack.Options(url=self.slack.url)
        plugs: dict[str, Any] = {"slack": (slack, by_slack), "email": (email, by_mail)}
        return send(self.dictionary, plugs, self.clock).undelivered

    def tick(self, at: datetime) -> None:
        """Remind and send at a time."""
        self.clock = Clock({"SLACK_TOKEN": TOKEN}, at)
        with self.dictionary.writing() as connection:
            remind(connection, Calendars(), CHANNELS, at)
        self.send()

    def posted(self, channel: str = "#auth") -> list[dict[str, Any]]:
        return [one for one in self.slack.posted if one["channel"] == channel]

    def now_shown(self) -> str:
        root = self.posted()[0]["_ts"]
        return [str(one["blocks"]) for one in self.slack.updates if one["ts"] == root][-1]

    def letters(self) -> list[str]:
        """Return the subjects of the mails to the provider's owners."""
        mine = [one for one in self.mails.mails if one.recipients == ["auth@shop.example"]]
        return [str(message_from_bytes(one.content, policy=default)["Subject"]) for one in mine]


@contextmanager
def built(dictionary: Dictionary) -> Iterator[Town]:
    owns(dictionary, "auth-team", ["auth"], "slack #auth", "email auth@shop.example")
    owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis")
    owns(dictionary, "web-team", ["web"], "email web@shop.example")
    for name in ("gis", "geo", "web"):
        ship(dictionary, f"{name} 1.0", "auth-1")
    with slack_server() as server, mail_server() as mails:
        yield Town(dictionary, server, mails)


@pytest.fixture
def town() -> Iterator[Town]:
    with dictionary_at() as opened, built(opened) as made:
        yield made


@pytest.fixture
def either_town(dictionary: Dictionary) -> Iterator[Town]:
    """Return a town for what is a matter of the database as well."""
    with built(dictionary) as made:
        yield made


def announced(town: Town) -> None:
    announce(town.dictionary, channels=CHANNELS)
    town.send()


def test_one_message_in_slack_counts_who_has_moved_planned_seen_and_said_nothing(
    either_town: Town,
) -> None:
    town = either_town
    announced(town)
    assert "0 of 3 moved · 3 without an answer" in str(town.posted()[0]["blocks"])
    move(town.dictionary, "geo 1.1", "auth-2")
    said = Saying("auth-2/production/web-team", DUE + timedelta(days=9), "a new client", "me")
    with town.dictionary.writing() as connection:
        seen = obligation.c.requirement == "auth-1"
        connection.execute(update(obligation).where(seen).values(seen_at=NOON))
        acknowledge(connection, said, NOON + timedelta(hours=5))
    town.send()
    assert "1 of 3 moved · 1 planned · 1 seen" in town.now_shown()
    assert "planned for 2017-11-10: a new client" in town.now_shown()
    assert len(town.posted()) == 1
    assert town.letters() == []


def test_who_comes_later_is_counted(town: Town) -> None:
    announced(town)
    ship(town.dictionary, "map 1.0", "auth-1", hours=1)
    owns(town.dictionary, "gis-team", ["map"], "slack #gis")
    announce(town.dictionary, "auth 2.0.1", channels=CHANNELS, hours=2)
    town.send()
    assert "0 of 4 moved" in town.now_shown()
    assert len(town.posted()) == 1


def test_the_day_is_told_once_in_the_thread_and_by_mail(town: Town) -> None:
    announced(town)
    move(town.dictionary, "geo 1.1", "auth-2")
    for hours in (-24, 0, 1, 7, 0):
        town.tick(MORNING + timedelta(hours=hours))
    assert town.letters() == ["[1 of 3 moved] auth 2.0.0 in production"]
    [answer] = [one for one in town.slack.posted if one.get("thread_ts") == town.posted()[0]["_ts"]]
    shown = re.sub("[*`]", "", str(answer["blocks"]))
    assert "web of web-team needs auth-1, no answer yet" in shown
    assert "You get this because auth team owns auth." in shown
    assert "Reference" not in shown


def test_the_end_is_told_once_and_not_while_somebody_has_gone_back(either_town: Town) -> None:
    town = either_town
    announced(town)
    for hours, label, needs in (
        (2, "gis 1.1", "auth-2"),
        (2.1, "geo 1.1", "auth-2"),
        (2.2, "web 1.1", "auth-2"),
        (2.3, "web 1.2", "auth-1"),
    ):
        move(town.dictionary, label, needs, hours=hours)
    town.send()
    assert town.letters() == []
    move(town.dictionary, "web 1.3", "auth-2", hours=2.4)
    town.send()
    assert town.letters() == ["[all have moved] auth 2.0.0 in production"]
    assert "All have moved to auth-2" in town.now_shown()
    move(town.dictionary, "web 1.4", "auth-1", hours=2.5)
    move(town.dictionary, "web 1.5", "auth-2", hours=2.6)
    town.send()
    assert len(town.letters()) == 1


def test_a_channel_that_takes_nothing_is_said_and_nobody_else_is_bothered(town: Town) -> None:
    announce(town.dictionary, channels=CHANNELS)
    town.slack.fault = lambda call: (
        refuses("is_archived") if call.body.get("channel") == "#auth" else None
    )
    said = town.send()
    [refused] = [one for one in said if one.startswith("auth-team (slack #auth): auth-2 progress")]
    assert "is_archived" in refused
    assert refused.endswith("; nobody else is told how far the others are")
    assert town.letters() == []


def test_what_is_over_before_anybody_was_told_is_told_to_nobody(town: Town) -> None:
    announce(town.dictionary, channels=CHANNELS)
    for name in ("gis", "geo", "web"):
        move(town.dictionary, f"{name} 1.1", "auth-2")
    town.send()
    assert (town.slack.posted, town.mails.mails) == ([], [])


def test_a_withdrawal_is_shown_where_it_was_announced_and_told_to_the_others(town: Town) -> None:
    announced(town)
    ship(town.dictionary, "auth 1.2", hours=1, replaces=("2",))
    with town.dictionary.writing() as connection:
        withdraw_gone(connection, town.clock.now())
    town.send()
    assert "auth 2.0.0 was withdrawn" in town.now_shown()
    assert town.letters() == []


def test_a_team_at_both_ends_has_both_messages_and_each_is_kept_current() -> None:
    with dictionary_at() as dictionary, slack_server() as server, mail_server() as mails:
        owns(dictionary, "auth-team", ["auth", "gis"], "slack #auth", "email auth@shop.example")
        owns(dictionary, "geo-team", ["geo"], "slack #geo")
        for name in ("gis", "geo"):
            ship(dictionary, f"{name} 1.0", "auth-1")
        town = Town(dictionary, server, mails)
        announced(town)
        own, all_of_them = town.posted()
        assert "Move gis to auth-2" in str(own["blocks"])
        assert "0 of 2 moved" in str(all_of_them["blocks"])
        move(dictionary, "gis 1.1", "auth-2")
        town.send()
    shown = {str(one["ts"]): str(one["blocks"]) for one in server.updates}
    assert "gis has moved to auth-2" in shown[own["_ts"]]
    assert "1 of 2 moved" in shown[all_of_them["_ts"]]
