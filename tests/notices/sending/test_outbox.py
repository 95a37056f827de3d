from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from sqlalchemy import select, update

from ci_steps.channels import email, file, slack
from ci_steps.dictionary.tables import attempt, outbox
from ci_steps.model import Contact, Owner, Service
from ci_steps.notices.sending.outbox import previews, send
from ci_steps.notices.sending.outcomes import backoff
from ci_steps.notices.sending.standing import standing
from ci_steps.protocols import Delivery, Outcome, Sent
from tests.parts.dictionaries import NOON, dictionary_at, ship
from tests.parts.notices import Clock, announce, move, owns
from tests.parts.slack import (
    TOKEN,
    Script,
    Slack,
    asks_for_a_pause,
    is_a_page,
    key_of,
    refuses,
    resets_after_posting,
    resets_before_posting,
)
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import mail_server

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside
    from ci_steps.protocols import Message

ROUTE = "gis-team (slack #gis-team)"
GIS = f"{ROUTE}: 2 services by 2017-11-01"
WEB = "web-team (slack #web-team): 1 service by 2017-11-01"
LOOKED_UP = "it may have arrived: it is looked up before it is sent again"


@attrs.frozen
class NoOptions:
    """Nothing to configure."""


class Said:
    """A channel that answers what a test says, and keeps what it was given."""

    Options = NoOptions

    def __init__(self, *deliveries: Delivery | Exception) -> None:
        self.deliveries = list(deliveries)
        self.sent: list[tuple[str, bytes]] = []

    def payload(self, message: Message, address: str, options: Any) -> bytes:
        return ", ".join(one.dependent for one in message.obligations).encode()

    def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
        self.sent.append((address, payload))
        answer = self.deliveries.pop(0) if self.deliveries else Delivery(Outcome.SENT)
        if isinstance(answer, Exception):
            raise answer
        return answer


def shop(dictionary: Dictionary) -> None:
    """Announce auth 2 to two teams, one with two services."""
    owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis-team")
    owns(dictionary, "web-team", ["web"], "slack #web-team")
    ship(dictionary, "auth 1.1")
    for service in ("gis", "geo", "web"):
        ship(dictionary, f"{service} 1.0", "auth-1.1")
    announce(dictionary)


def through(channel: Said | Slack) -> dict[str, tuple[Any, Any]]:
    """Return slack as the only channel, or what stands for it."""
    if isinstance(channel, Said):
        return {"slack": (channel, NoOptions())}
    return {"slack": (slack, slack.Options(url=channel.url, timeout_seconds=2))}


def clock(token: str = TOKEN) -> Clock:
    return Clock({"SLACK_TOKEN": token})


def states(dictionary: Dictionary) -> list[str]:
    with dictionary.reading() as connection:
        return list(connection.scalars(select(outbox.c.state).order_by(outbox.c.id)))


def outcomes(dictionary: Dictionary) -> list[str]:
    with dictionary.reading() as connection:
        return list(connection.scalars(select(attempt.c.outcome).order_by(attempt.c.id)))


def everything_stored(dictionary: Dictionary) -> str:
    with dictionary.reading() as connection:
        return str([connection.execute(select(table)).all() for table in (outbox, attempt)])


def test_everybody_is_told_once_and_nobody_twice(dictionary: Dictionary) -> None:
    shop(dictionary)
    with slack_server() as server:
        first = send(dictionary, through(server), clock())
        second = send(dictionary, through(server), clock())
    assert first == Sent(delivered=(GIS, WEB))
    assert second == Sent()
    assert [one["channel"] for one in server.posted] == ["#gis-team", "#web-team"]
    assert len(set(server.keys())) == 2


def test_the_receipt_and_the_try_are_kept(dictionary: Dictionary) -> None:
    shop(dictionary)
    with slack_server() as server:
        send(dictionary, through(server), clock())
    gis, web = standing(dictionary, NOON + timedelta(hours=3)).notices
    assert (gis.owner, gis.channel, gis.address, gis.state) == (
        "gis-team",
        "slack",
        "#gis-team",
        "sent",
    )
    assert gis.receipt == "C0GISTEAM/1511430067.000001"
    assert (gis.about, gis.attempts, gis.error) == ("auth-2 in production", 1, "")
    assert web.age == timedelta(hours=2)
    assert outcomes(dictionary) == ["sent", "sent"]


def test_nothing_to_send_is_no_work(dictionary: Dictionary) -> None:
    assert send(dictionary, through(Said()), clock()) == Sent()


def test_who_has_moved_in_the_meantime_is_not_told(dictionary: Dictionary) -> None:
    shop(dictionary)
    move(dictionary, "web 1.1", "auth-2")
    move(dictionary, "geo 1.1", "auth-2", hours=3)
    channel = Said()
    assert send(dictionary, through(channel), clock()).delivered == (
        "gis-team (slack #gis-team): 1 service by 2017-11-01",
    )
    assert channel.sent == [("#gis-team", b"gis")]
    assert states(dictionary) == ["sent", "suppressed"]


def test_the_new_owner_is_told_when_a_service_changes_hands_before_the_message_went(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    dictionary.record_owner(Owner("map-team", contacts=(Contact("slack", "#map"),)))
    dictionary.record_service(Service("web", "map-team"))
    channel = Said()
    send(dictionary, through(channel), clock())
    assert channel.sent == [("#gis-team", b"geo, gis"), ("#map", b"web")]
    assert states(dictionary) == ["sent", "suppressed", "sent"]


def test_two_owners_at_one_contact_get_one_message_with_the_services_of_both(
    dictionary: Dictionary,
) -> None:
    owns(dictionary, "gis-team", ["gis"], "slack #maps")
    owns(dictionary, "web-team", ["web"], "slack #maps")
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "web 1.0", "auth-1")
    announce(dictionary)
    channel = Said()
    send(dictionary, through(channel), clock())
    assert channel.sent == [("#maps", b"gis, web")]


def test_what_was_not_taken_is_tried_again_later_with_the_same_bytes(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    channel, outside = Said(Delivery(Outcome.NOT_TAKEN, "connection refused")), clock()
    first = send(dictionary, through(channel), outside)
    assert first.waiting == (f"{GIS}; connection refused; next try after 2017-10-01 13:01 UTC",)
    assert first.delivered == (WEB,)
    assert send(dictionary, through(channel), outside).delivered == ()
    move(dictionary, "geo 1.1", "auth-2")
    outside.go_on(minutes=2)
    assert len(send(dictionary, through(channel), outside).delivered) == 1
    assert channel.sent[0] == channel.sent[2]


def test_tries_come_ever_more_seldom_and_never_end(dictionary: Dictionary) -> None:
    shop(dictionary)
    channel = Said(*[Delivery(Outcome.NOT_TAKEN, "down")] * 40)
    outside = clock()
    waits = []
    for _ in range(7):
        send(dictionary, through(channel), outside)
        with dictionary.reading() as connection:
            soonest = connection.scalars(select(outbox.c.not_before).order_by(outbox.c.id)).all()
        waits.append((soonest[0] - outside.now()).total_seconds() / 60)
        outside.go_on(minutes=waits[-1])
    for wait, shortest in zip(waits, [1, 2, 5, 15, 60, 60, 60], strict=True):
        assert shortest <= wait <= 1.2 * shortest
    assert states(dictionary) == ["pending", "pending"]


def test_what_could_not_be_sent_at_one_moment_comes_back_at_several() -> None:
    waits = {backoff(number, 1) for number in range(100)}
    assert len(waits) == 100
    assert max(waits) - min(waits) > timedelta(seconds=5)
    assert backoff(7, 3) == backoff(7, 3) != backoff(7, 4)


def test_a_pause_that_slack_asks_for_is_kept_and_then_everything_goes(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    outside = clock()
    with slack_server(asks_for_a_pause("20")) as server:
        sent = send(dictionary, through(server), outside, budget_seconds=60)
    assert sorted(sent.delivered) == [GIS, WEB]
    assert outside.now() == clock().now() + timedelta(seconds=20)
    assert server.calls == 3


@pytest.mark.parametrize("after", ["600", "Sun, 01 Oct 2017 13:10:00 GMT"])
def test_a_pause_longer_than_the_time_is_kept_by_the_next_job(
    dictionary: Dictionary, after: str
) -> None:
    shop(dictionary)
    with slack_server(asks_for_a_pause(after)) as server:
        first = send(dictionary, through(server), clock())
        second = send(dictionary, through(server), clock())
    assert len(first.waiting) == len(second.waiting) == 2
    assert server.calls == 1
    assert "next try after 2017-10-01 13:10 UTC" in first.waiting[0]


@pytest.mark.parametrize(
    ("lost", "first_posted"), [(resets_after_posting, 1), (resets_before_posting, 0)]
)
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(
    dictionary: Dictionary, lost: Script, first_posted: int
) -> None:
    shop(dictionary)
    outside = clock()
    with slack_server(lost) as server:
        first = send(dictionary, through(server), outside)
        assert server.keys()[:-1] == server.keys()[:1] * first_posted
        assert send(dictionary, through(server), outside).delivered == ()
        outside.go_on(seconds=10)
        second = send(dictionary, through(server), outside)
    assert first.delivered == (WEB,)
    assert first.waiting == (
        f"{GIS}; Slack gave no readable answer; {LOOKED_UP}; next try after 2017-10-01 13:00 UTC",
    )
    assert second.delivered == (GIS,)
    assert len(server.posted) == len(set(server.keys())) == 2
    assert states(dictionary) == ["sent", "sent"]


def test_nothing_is_looked_up_in_the_first_ten_seconds(dictionary: Dictionary) -> None:
    shop(dictionary)
    outside = clock()
    with slack_server(resets_after_posting) as server:
        send(dictionary, through(server), outside)
        outside.go_on(seconds=9.9)
        send(dictionary, through(server), outside)
        assert "conversations.history" not in [method for method, _ in server.asked]


@pytest.mark.parametrize("look", [asks_for_a_pause("30"), is_a_page(502), refuses("invalid_auth")])
def test_as_long_as_nobody_can_look_nothing_is_sent_again(
    dictionary: Dictionary, look: Script
) -> None:
    shop(dictionary)
    outside = clock()
    with slack_server(resets_after_posting) as server:
        send(dictionary, through(server), outside)
        outside.go_on(seconds=10)
        server.looks.append(look)
        assert send(dictionary, through(server), outside, budget_seconds=5).delivered == ()
        assert states(dictionary) == ["unknown", "sent"]
        outside.go_on(minutes=5)
        assert send(dictionary, through(server), outside).delivered == (GIS,)
    assert len(server.posted) == len(set(server.keys())) == 2


def test_who_may_never_look_sends_again_and_says_so_in_the_message(dictionary: Dictionary) -> None:
    shop(dictionary)
    outside = clock()
    with slack_server(resets_after_posting) as server:
        send(dictionary, through(server), outside)
        outside.go_on(seconds=10)
        server.looks.append(refuses("missing_scope"))
        send(dictionary, through(server), outside)
    again = [one for one in server.posted if one["channel"] == "#gis-team"]
    assert [key_of(one) for one in again] == [key_of(again[0])] * 2
    assert "sent again" not in str(again[0])
    assert "sent again: the answer to the first try was lost" in again[1]["text"]
    assert "sent again" in standing(dictionary, outside.now()).notices[0].error


def test_a_channel_that_cannot_look_repeats_what_was_lost_three_times_and_then_says_so(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    outside, channel = clock(), Said(*[Delivery(Outcome.UNKNOWN, "dropped")] * 20)
    said: list[str] = []
    for _ in range(8):
        said += send(dictionary, through(channel), outside).undelivered
        outside.go_on(hours=1)
    assert len(channel.sent) == 2 * 4
    assert len(set(channel.sent)) == 2
    assert states(dictionary) == ["failed", "failed"]
    assert (
        min(said) == f"{GIS}: nobody can look whether it arrived by slack, and it is not sent again"
    )


def test_a_reminder_whose_answer_was_lost_is_not_repeated(dictionary: Dictionary) -> None:
    shop(dictionary)
    with dictionary.writing() as connection:
        connection.execute(update(outbox).values(stage="t-7"))
    outside, channel = clock(), Said(Delivery(Outcome.UNKNOWN), Delivery(Outcome.UNKNOWN))
    for _ in range(3):
        send(dictionary, through(channel), outside)
        outside.go_on(hours=1)
    assert len(channel.sent) == 2
    assert states(dictionary) == ["suppressed", "suppressed"]


def test_a_job_that_dies_while_it_sends_leaves_what_nobody_knows(dictionary: Dictionary) -> None:
    class Dying(Said):
        def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
            raise KeyboardInterrupt

    shop(dictionary)
    outside = clock()
    with pytest.raises(KeyboardInterrupt):
        send(dictionary, through(Dying()), outside)
    assert states(dictionary) == ["sending", "pending"]
    channel = Said()
    assert send(dictionary, through(channel), outside).delivered == (WEB,)
    assert states(dictionary) == ["sending", "sent"]
    outside.go_on(minutes=5)
    send(dictionary, through(channel), outside)
    assert states(dictionary) == ["sent", "sent"]
    assert outcomes(dictionary) == ["unknown", "sent", "sent"]
    assert channel.sent == [("#web-team", b"web"), ("#gis-team", b"geo, gis")]


def test_a_plug_that_breaks_leaves_it_unknown_without_its_words(dictionary: Dictionary) -> None:
    shop(dictionary)
    sent = send(dictionary, through(Said(RuntimeError(f"token {TOKEN}"))), clock())
    assert "slack: RuntimeError" in sent.waiting[0]
    assert sent.delivered == (WEB,)
    assert TOKEN not in everything_stored(dictionary)


def test_a_message_that_cannot_be_put_into_words_does_not_hold_up_the_others(
    dictionary: Dictionary,
) -> None:
    class Stumbling(Said):
        def payload(self, message: Message, address: str, options: Any) -> bytes:
            if address == "#gis-team":
                raise ValueError("no such template")
            return super().payload(message, address, options)

    shop(dictionary)
    sent = send(dictionary, through(Stumbling()), clock())
    assert sent.delivered == (WEB,)
    assert "it cannot be put into words: no such template" in sent.waiting[0]


def test_a_wrong_token_is_said_once_and_everything_waits_for_the_right_one(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    with slack_server() as server:
        wrong = send(dictionary, through(server), clock("xoxb-wrong"))
        assert server.calls == 1
        right = send(dictionary, through(server), clock())
    assert wrong.undelivered == (
        "slack: Slack said invalid_auth (the token is in SLACK_TOKEN); its messages wait",
    )
    assert len(wrong.waiting) == 2
    assert sorted(right.delivered) == [GIS, WEB]
    assert "xoxb" not in f"{wrong} {everything_stored(dictionary)}"


def test_a_wrong_sender_is_written_anew_when_it_is_corrected(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis"], "email gis@shop.example")
    ship(dictionary, "gis 1.0", "auth-1")
    announce(dictionary)

    def by_mail(port: int, sender: str) -> Sent:
        options = email.Options(host="127.0.0.1", port=port, security="plain", sender=sender)
        return send(dictionary, {"email": (email, options)}, clock())

    with mail_server(answers={"MAIL": "553 not from you"}) as strict:
        assert "553" in by_mail(strict.port, "wrong@shop.example").undelivered[0]
    with mail_server() as server:
        assert len(by_mail(server.port, "right@shop.example").delivered) == 1
    assert b"wrong@shop.example" not in server.mails[0].content


@pytest.mark.parametrize(
    ("error", "outcome", "tries"), [("is_archived", "recipient", 1), ("msg_too_long", "payload", 2)]
)
def test_what_slack_refuses_for_good_is_said_and_kept(
    dictionary: Dictionary, error: str, outcome: str, tries: int
) -> None:
    shop(dictionary)
    with slack_server() as server:
        server.fault = lambda call: refuses(error) if "#gis" in str(call.body) else None
        sent = send(dictionary, through(server), clock())
    assert sent.undelivered == (f"{GIS}: Slack said {error}; nobody could be told",)
    assert sent.delivered == (WEB,)
    assert sorted(outcomes(dictionary)) == sorted([*[outcome] * tries, "rerouted", "sent"])
    failed = standing(dictionary, NOON).notices[0]
    assert (failed.state, failed.owner) == ("failed", "gis-team")
    assert error in failed.error


def test_a_channel_this_job_does_not_have_is_left_to_others_and_said(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    shop(dictionary)
    sent = send(dictionary, {"file": (file, file.Options(folder=str(tmp_path)))}, clock())
    assert sent.waiting == (
        f"{GIS}; this job has no channel slack",
        f"{WEB}; this job has no channel slack",
    )
    assert states(dictionary) == ["pending", "pending"]


def test_time_that_is_up_leaves_the_rest_to_the_next_job(dictionary: Dictionary) -> None:
    class Slow(Said):
        def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
            outside.pause(40)
            return super().send(payload, address, options, outside)

    shop(dictionary)
    outside = clock()
    first = send(dictionary, through(Slow()), outside, budget_seconds=30)
    assert (first.delivered, first.waiting) == ((GIS,), (WEB,))
    assert send(dictionary, through(Slow()), outside).delivered == (WEB,)


@pytest.mark.slow
def test_two_jobs_at_once_send_each_message_once(tmp_path: Path) -> None:
    path = str(tmp_path / "dictionary.db")
    with dictionary_at(path) as dictionary:
        for number in range(25):
            owns(dictionary, f"team-{number}", [f"s{number}"], f"slack #team-{number}")
            ship(dictionary, f"s{number} 1.0", "auth-1")
        announce(dictionary)
        with slack_server() as server:
            command = [sys.executable, "-c", SENDING, path, server.url]
            environ = {"SLACK_TOKEN": TOKEN}
            jobs = [subprocess.Popen(command, env=environ) for _ in range(3)]
            assert [job.wait(timeout=60) for job in jobs] == [0, 0, 0]
        assert len(server.keys()) == len(set(server.keys())) == 25
        assert states(dictionary) == ["sent"] * 25


SENDING = """
import sys
from ci_steps.channels import slack
from ci_steps.dictionary.store import Dictionary
from ci_steps.notices.sending.outbox import send
from ci_steps.outside import Outside
from ci_steps.outside.databases.opening import open_database

with Dictionary.open(open_database(sys.argv[1])) as dictionary:
    send(dictionary, {"slack": (slack, slack.Options(url=sys.argv[2]))}, Outside())
"""


def test_a_preview_is_the_very_message_and_writes_nothing(dictionary: Dictionary) -> None:
    shop(dictionary)
    with dictionary.reading() as connection:
        shown = previews(connection, through(Slack(url="https://slack.example/api/")))
    assert [one.line for one in shown] == [GIS, WEB]
    assert shown[0].text.startswith(
        "Subject: [action by 2017-11-01] auth 2.0.0 in production: update geo and gis\n\n"
        "Move geo and gis to auth-2 by Wednesday 1 November 2017.\n"
    )
    assert states(dictionary) == ["pending", "pending"]
    with slack_server() as server:
        send(dictionary, through(server), clock())
    with dictionary.reading() as connection:
        kept = connection.scalars(select(outbox.c.payload).order_by(outbox.c.id)).all()
        assert previews(connection, through(server)) == ()
    assert [one.payload for one in shown] == kept
