from __future__ import annotations

import socket
from base64 import b64encode
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from ci_steps.channels import email
from ci_steps.channels.email import Options
from ci_steps.outside import Outside
from ci_steps.outside.mail import MailAnswer
from ci_steps.protocols import Delivery, Outcome
from tests.parts.notices import message
from tests.parts.smtp import DROP, PASSWORD, USER, Authority, Mailbox, authority, mail_server

TO = "gis-owners@shop.example"
ENVIRON = {"SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


def send(
    port: int, to: str = TO, environ: dict[str, str] = ENVIRON, **settings: Any
) -> tuple[Delivery, bytes]:
    plain: dict[str, Any] = {
        "host": "127.0.0.1",
        "security": "plain",
        "sender": "ci-steps@shop.example",
    }
    options = Options(**{**plain, "port": port, "timeout_seconds": 3, **settings})
    payload = email.payload(message(), to, options)
    return email.send(payload, to, options, Outside(environ)), payload


def answered(**mailbox: Any) -> tuple[Delivery, Mailbox]:
    with mail_server(**mailbox) as server:
        return send(server.port)[0], server


def test_a_mail_arrives_byte_for_byte(tmp_path: Path) -> None:
    with mail_server() as server:
        delivery, payload = send(server.port)
    assert delivery == Delivery(Outcome.SENT, receipt="250 OK")
    (mail,) = server.mails
    assert mail.content == payload
    assert (mail.sender, mail.recipients) == ("ci-steps@shop.example", [TO])


def test_answers_go_to_the_owners_of_what_was_released_unless_an_address_is_given() -> None:
    def reply_to(**settings: Any) -> str:
        with mail_server() as server:
            sent = message_from_bytes(send(server.port, **settings)[1], policy=default)
        return str(sent["Reply-To"])

    assert reply_to() == "auth-owners@shop.example"
    assert reply_to(reply_to="platform@shop.example") == "platform@shop.example"


def test_mail_goes_over_a_verified_connection_and_after_a_login(trusted: Authority) -> None:
    with mail_server(tls=trusted.context, login=True) as server:
        delivery, _ = send(
            server.port, security="starttls", ca_file=str(trusted.ca_file), user_env="SMTP_USER"
        )
    assert delivery.outcome is Outcome.SENT
    assert len(server.mails) == 1


def test_starttls_is_what_you_get_without_asking() -> None:
    assert Options(host="mail.shop.example", sender="a@b.example").security == "starttls"


def test_a_certificate_nobody_vouches_for_stops_everything(trusted: Authority) -> None:
    with mail_server(tls=trusted.context) as server:
        delivery, _ = send(server.port, security="starttls")
    assert delivery.outcome is Outcome.CONFIGURATION
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.text
    assert server.mails == []


def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with mail_server() as server:
        delivery, _ = send(server.port, security="starttls", user_env="SMTP_USER")
    assert delivery.outcome is Outcome.CONFIGURATION
    assert "STARTTLS" in delivery.text
    assert server.mails == []


@pytest.mark.parametrize(
    ("verb", "time", "fault"),
    [
        ("EHLO", 1, "421 busy"),
        ("EHLO", 2, "421 busy"),
        ("STARTTLS", 1, "454 4.7.0 not now"),
        ("STARTTLS", 1, DROP),
        ("AUTH", 1, "454 4.7.0 not now"),
        ("AUTH", 1, DROP),
    ],
)
def test_what_a_server_cannot_just_now_is_no_mistake_of_ours_and_is_tried_again(
    trusted: Authority, verb: str, time: int, fault: str
) -> None:
    seen: list[str] = []

    def at_that_time(now: str) -> str | None:
        seen.append(now)
        return fault if now == verb and seen.count(now) >= time else None

    with mail_server(tls=trusted.context, login=True) as server:
        server.fault = at_that_time
        delivery, _ = send(
            server.port, security="starttls", ca_file=str(trusted.ca_file), user_env="SMTP_USER"
        )
    assert delivery.outcome is Outcome.NOT_TAKEN, delivery
    assert server.mails == []


def test_a_server_that_knows_only_the_old_greeting_is_taken_as_it_is() -> None:
    delivery, server = answered(answers={"EHLO": "500 what?"})
    assert delivery.outcome is Outcome.SENT
    assert len(server.mails) == 1


def test_a_wrong_password_is_named_by_its_variable_only(trusted: Authority) -> None:
    wrong = "another-password"
    with mail_server(tls=trusted.context, login=True) as server:
        delivery, _ = send(
            server.port,
            security="starttls",
            ca_file=str(trusted.ca_file),
            user_env="SMTP_USER",
            environ={"SMTP_USER": USER, "SMTP_PASSWORD": wrong},
        )
    assert delivery.outcome is Outcome.CONFIGURATION
    assert "535" in delivery.text
    assert delivery.text.endswith("(the password is in SMTP_PASSWORD)")
    assert wrong not in delivery.text


def test_a_server_that_repeats_the_password_does_not_get_it_written_down(
    trusted: Authority,
) -> None:
    coded = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    says = {"RCPT": f"550 {PASSWORD} {coded}"}
    with mail_server(tls=trusted.context, login=True, answers=says) as server:
        delivery, _ = send(
            server.port, security="starttls", ca_file=str(trusted.ca_file), user_env="SMTP_USER"
        )
    assert delivery.text == "127.0.0.1 at recipient: 550 *** ***"


def test_a_server_that_wants_a_login_says_so_at_the_first_verb(trusted: Authority) -> None:
    with mail_server(tls=trusted.context, login=True) as server:
        delivery, _ = send(server.port, security="starttls", ca_file=str(trusted.ca_file))
    assert delivery.outcome is Outcome.CONFIGURATION
    assert "530" in delivery.text


def test_a_login_where_none_is_offered_is_a_matter_of_configuration() -> None:
    with mail_server() as server:
        delivery, _ = send(server.port, user_env="SMTP_USER")
    assert delivery.outcome is Outcome.CONFIGURATION
    assert server.mails == []


@pytest.mark.parametrize(
    ("verb", "answer", "outcome"),
    [
        ("MAIL", "451 later", Outcome.NOT_TAKEN),
        ("MAIL", "553 sender refused", Outcome.CONFIGURATION),
        ("MAIL", "530 log in first", Outcome.CONFIGURATION),
        ("MAIL", "552 too large", Outcome.PAYLOAD),
        ("RCPT", "450 greylisted", Outcome.NOT_TAKEN),
        ("RCPT", "550 no such mailbox", Outcome.RECIPIENT),
        ("RCPT", "553 not allowed", Outcome.RECIPIENT),
        ("DATA", "451 later", Outcome.NOT_TAKEN),
        ("DATA", "554 looks like spam", Outcome.PAYLOAD),
        ("DATA", "552 too large", Outcome.PAYLOAD),
    ],
)
def test_a_refusal_means_what_its_verb_and_its_first_digit_say(
    verb: str, answer: str, outcome: Outcome
) -> None:
    delivery, server = answered(answers={verb: answer})
    assert delivery.outcome is outcome
    assert answer in delivery.text
    assert server.mails == []


def test_a_refusal_stays_what_it_was_when_the_goodbye_goes_wrong() -> None:
    delivery, _ = answered(answers={"RCPT": "550 no such mailbox", "QUIT": "421 busy"})
    assert delivery.outcome is Outcome.RECIPIENT


def test_a_taken_mail_stays_taken_when_the_goodbye_goes_wrong() -> None:
    delivery, server = answered(answers={"QUIT": "421 busy"})
    assert delivery.outcome is Outcome.SENT
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("verb", "outcome", "arrived"),
    [
        ("MAIL", Outcome.NOT_TAKEN, 0),
        ("RCPT", Outcome.NOT_TAKEN, 0),
        ("DATA", Outcome.UNKNOWN, 1),
    ],
)
def test_a_dropped_connection_leaves_it_unknown_only_behind_the_final_dot(
    verb: str, outcome: Outcome, arrived: int
) -> None:
    delivery, server = answered(drops=frozenset({verb}))
    assert delivery.outcome is outcome
    assert len(server.mails) == arrived


def test_a_server_that_is_not_there_or_does_not_answer_has_taken_nothing() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        port = deaf.getsockname()[1]
        assert send(port, timeout_seconds=1)[0].outcome is Outcome.NOT_TAKEN
    assert send(port)[0].outcome is Outcome.NOT_TAKEN


def test_an_address_beyond_ascii_arrives_where_the_server_can_write_it() -> None:
    to = "géo@shop.example"
    with mail_server() as server:
        delivery, payload = send(server.port, to)
    assert delivery.outcome is Outcome.SENT
    assert server.mails[0].recipients == [to]
    assert "SMTPUTF8" in server.mails[0].options
    assert f"To: {to}".encode() in payload


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot_write_it() -> None:
    with mail_server(utf8=False) as server:
        delivery, _ = send(server.port, "géo@shop.example")
    assert delivery.outcome is Outcome.RECIPIENT


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nRCPT TO:<c@d>"]
)
def test_what_is_no_address_is_refused_before_anything_is_sent(to: str) -> None:
    with mail_server() as server:
        delivery, _ = send(server.port, to)
    assert delivery.outcome is Outcome.RECIPIENT
    assert server.mails == []


def test_a_wrong_sender_or_a_missing_password_is_a_matter_of_configuration() -> None:
    assert send(1, sender="nobody")[0].outcome is Outcome.CONFIGURATION
    missing, _ = send(1, environ={"SMTP_USER": USER}, user_env="SMTP_USER")
    assert missing == Delivery(
        Outcome.CONFIGURATION, "the environment variable SMTP_PASSWORD is not set"
    )


@pytest.mark.parametrize("stage", sorted(email.OUTCOMES))
def test_every_verb_has_an_outcome_for_no_answer_and_for_nonsense(stage: str) -> None:
    expected = Outcome.UNKNOWN if stage == "data" else Outcome.NOT_TAKEN
    assert email.outcome_of(MailAnswer(stage, 0)) is expected
    assert email.outcome_of(MailAnswer(stage, -1)) is expected
    assert email.outcome_of(MailAnswer(stage, 421)) is Outcome.NOT_TAKEN
