"""Deliveries as a whole: one message a contact, one fault stops nobody else, no secret is kept."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from ci_steps.channels import email, slack, slack_webhook
from ci_steps.dictionary.tables import attempt, outbox, pause, posted
from ci_steps.notices.sending.outbox import send
from ci_steps.notices.sending.standing import standing
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.http import serving
from tests.parts.notices import Clock, announce, owns
from tests.parts.ports import free_port
from tests.parts.slack import TOKEN, Call, Script, refuses
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import PASSWORD, USER, authority, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.protocols import Sent

HOOK = "T000/B000/not-a-real-hook"
SECRETS = {"SLACK_TOKEN": TOKEN, "SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD}


@pytest.fixture
def shop() -> Iterator[Dictionary]:
    """Return a dictionary with three owners, each with a channel and a mailbox."""
    with dictionary_at() as opened:
        for name in ("gis", "map", "web"):
            owns(opened, f"{name}-team", [name], f"slack #{name}", f"email {name}@shop.example")
            ship(opened, f"{name} 1.0", "auth-1")
        announce(opened, channels=("slack", "email"))
        yield opened


def by_slack(url: str) -> dict[str, Any]:
    return {"slack": (slack, slack.Options(url=url, timeout_seconds=2))}


def by_mail(port: int, **settings: Any) -> dict[str, Any]:
    given = {"security": "plain", "sender": "ci@shop.example", "timeout_seconds": 2, **settings}
    return {"email": (email, email.Options(host="127.0.0.1", port=port, **given))}


def sent_by(dictionary: Dictionary, channels: dict[str, Any], **environ: str) -> Sent:
    return send(dictionary, channels, Clock({**SECRETS, **environ}))


def everything_kept(dictionary: Dictionary) -> str:
    with dictionary.reading() as connection:
        kept = [connection.execute(select(one)).all() for one in (outbox, attempt, pause, posted)]
    return f"{kept} {standing(dictionary, Clock().now())}"


def advice(dictionary: Dictionary, channel: str) -> set[str]:
    """Return what the status says to do about what was tried on a channel and not delivered."""
    found = standing(dictionary, Clock().now()).notices
    return {one.advice for one in found if one.channel == channel and one.attempts and one.advice}


def only(fault: Script, channel: str) -> Any:
    def choose(call: Call) -> Script | None:
        return fault if call.body.get("channel") == channel else None

    return choose


@pytest.mark.parametrize(("number", "hidden"), [(12, False), (200, True)])
def test_an_owner_of_many_services_gets_one_message_and_one_mail(
    number: int, *, hidden: bool
) -> None:
    names = [f"service-{one:03}" for one in range(number)]
    with dictionary_at() as dictionary, slack_server() as server, mail_server() as mails:
        owns(dictionary, "gis-team", names, "slack #gis", "email gis@shop.example")
        for name in names:
            ship(dictionary, f"{name} 1.0", "auth-1")
        announce(dictionary, channels=("slack", "email"))
        sent_by(dictionary, {**by_slack(server.url), **by_mail(mails.port)})
    (message,), (mail,) = server.posted, mails.mails
    said = json.dumps(message["blocks"])
    assert bool(re.search(r"and [\d,]+ more", message["blocks"][2]["text"]["text"])) is hidden
    assert len(message["blocks"]) <= 50
    assert len(said) < 12_000
    assert all(len(one["text"]["text"]) <= 3_000 for one in message["blocks"] if "text" in one)
    assert all(name.encode() in mail.content for name in names)


def test_a_wrong_token_stops_slack_and_mail_goes(shop: Dictionary) -> None:
    with slack_server(*[refuses("invalid_auth")] * 3) as server, mail_server() as mails:
        sent = sent_by(shop, {**by_slack(server.url), **by_mail(mails.port)})
    assert len(mails.mails) == 3
    assert server.calls == 1
    assert [one for one in sent.undelivered if one.startswith("slack: Slack said invalid_auth")]
    assert "(the token is in SLACK_TOKEN)" in str(sent.undelivered)
    assert TOKEN not in str(sent)
    assert advice(shop, "slack") == {
        "correct the credential or the options of slack, then: ci-steps notices send"
    }


def test_a_dead_mail_server_stops_mail_and_slack_goes(shop: Dictionary) -> None:
    with slack_server() as server:
        sent = sent_by(shop, {**by_mail(free_port()), **by_slack(server.url)})
    assert len(server.posted) == 3
    assert len([one for one in sent.waiting if "Connection refused" in one]) == 3
    assert advice(shop, "email") == {"nothing: it is tried again"}


def test_an_archived_channel_stops_nobody_else(shop: Dictionary) -> None:
    with slack_server() as server:
        server.fault = only(refuses("is_archived"), "#map")
        sent = sent_by(shop, by_slack(server.url))
    assert {one["channel"] for one in server.posted} == {"#gis", "#web"}
    (said,) = sent.undelivered
    assert said.startswith("map-team (slack #map)")
    assert "Slack said is_archived" in said
    (what,) = advice(shop, "slack")
    assert what.startswith("correct the contact slack #map of map-team, or let it take messages")


def test_one_bad_recipient_of_three_stops_nobody_else(shop: Dictionary) -> None:
    refused = iter(["250 OK", "550 no such mailbox", "250 OK"])
    with mail_server() as mails:
        mails.fault = lambda verb: next(refused) if verb == "RCPT" else None
        sent = sent_by(shop, by_mail(mails.port))
    assert [one.recipients for one in mails.mails] == [["gis@shop.example"], ["web@shop.example"]]
    assert "550 no such mailbox" in sent.undelivered[0]
    (what,) = advice(shop, "email")
    assert what.startswith("correct the contact email map@shop.example of map-team")


def test_a_certificate_nobody_vouches_for_stops_mail_and_slack_goes(
    shop: Dictionary, tmp_path: Path
) -> None:
    trusted = authority(tmp_path / "authority")
    with mail_server(tls=trusted.context) as mails, slack_server() as server:
        wrong = by_mail(mails.port, security="starttls")
        sent = sent_by(shop, {**wrong, **by_slack(server.url)})
        assert (mails.mails, len(server.posted)) == ([], 3)
        assert "CERTIFICATE_VERIFY_FAILED" in str(sent.undelivered)
        assert advice(shop, "email") == {
            "correct the credential or the options of email, then: ci-steps notices send"
        }
        right = by_mail(mails.port, security="starttls", ca_file=str(trusted.ca_file))
        assert len(sent_by(shop, right).delivered) == 3


def test_no_secret_is_kept_or_logged_whatever_the_receivers_say(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Receivers repeat the secrets they were told, every library logs all it can."""
    caplog.set_level(logging.DEBUG)
    trusted = authority(tmp_path / "authority")
    says = {"RCPT": f"550 {PASSWORD} is wrong"}
    with (
        dictionary_at(str(tmp_path / "dictionary.db")) as dictionary,
        slack_server(refuses(f"not {TOKEN}"), refuses(TOKEN, 500)) as server,
        mail_server(tls=trusted.context, login=True, answers=says) as mails,
        serving(lambda one: one.answer(403, {}, f"no {HOOK}".encode())) as hook,
    ):
        for name in ("gis", "map"):
            contacts = (f"slack #{name}", f"email {name}@shop.example", "slack-webhook HOOK")
            owns(dictionary, f"{name}-team", [name], *contacts)
            ship(dictionary, f"{name} 1.0", "auth-1")
        announce(dictionary, channels=("slack", "email", "slack-webhook"))
        channels = {
            **by_slack(server.url),
            **by_mail(
                mails.port,
                security="starttls",
                ca_file=str(trusted.ca_file),
                user_env="SMTP_USER",
            ),
            "slack-webhook": (slack_webhook, slack_webhook.Options(timeout_seconds=2)),
        }
        sent = sent_by(dictionary, channels, HOOK=f"{hook.address}/{HOOK}")
        kept = everything_kept(dictionary)
    assert "403" in kept
    assert "550" in kept
    assert server.calls >= 2
    files = "".join(one.read_bytes().decode("latin-1") for one in tmp_path.glob("dictionary.db*"))
    # The mail server of the test says, in a log of its own, what it was told to say.
    ours = [one for one in caplog.records if one.name != "mail.log"]
    logged = "\n".join(one.getMessage() for one in ours)
    for secret in (TOKEN, PASSWORD, HOOK):
        for place in (str(sent), kept, files, logged, *capfd.readouterr()):
            assert secret not in place
