from __future__ import annotations

import json
import socket
from contextlib import closing
from datetime import datetime, timezone

import pytest

from ci_steps.channels import slack
from ci_steps.channels.slack import Options
from ci_steps.notices.sending.slack_words import OUTCOMES, outcome_of
from ci_steps.outside import Outside
from ci_steps.outside.slack import SlackAnswer
from ci_steps.protocols import Delivery, Outcome
from tests.parts.notices import Clock, message
from tests.parts.ports import free_port
from tests.parts.slack import (
    TOKEN,
    Script,
    Slack,
    asks_for_a_pause,
    is_a_page,
    refuses,
    resets_after_posting,
    resets_before_posting,
    truncates,
)
from tests.parts.slack import slack as slack_server

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone.utc)


def send(url: str, token: str = TOKEN, outside: Outside | None = None) -> Delivery:
    options = Options(url=url, timeout_seconds=1)
    payload = slack.payload(message(), "#gis-team", options)
    environ = {"SLACK_TOKEN": token}
    return slack.send(payload, "#gis-team", options, outside or Clock(environ, NOW))


def answered(*scripts: Script) -> tuple[Delivery, Slack]:
    with slack_server(*scripts) as server:
        return send(server.url), server


def test_a_message_is_posted_with_its_key_and_a_receipt_that_finds_it_again() -> None:
    with slack_server() as server:
        delivery = send(server.url)
    assert delivery == Delivery(
        Outcome.SENT,
        receipt="C0GISTEAM/1511430067.000001",
        permalink="https://shop.slack.example/archives/C0GISTEAM/p1511430067000001",
        editable=True,
    )
    (posted,) = server.posted
    assert posted.pop("_ts") == "1511430067.000001"
    assert posted == json.loads(slack.payload(message(), "#gis-team", Options()))
    assert posted["metadata"]["event_type"] == "ci_steps_notice"
    assert server.keys() == [message().key]
    assert not posted["unfurl_links"]


def test_a_token_read_from_a_file_with_a_line_break_works() -> None:
    with slack_server() as server:
        assert send(server.url, f"{TOKEN}\n").outcome is Outcome.SENT


@pytest.mark.parametrize(
    ("script", "outcome", "posted"),
    [
        pytest.param(refuses("channel_not_found"), Outcome.RECIPIENT, 0, id="channel_not_found"),
        pytest.param(refuses("is_archived"), Outcome.RECIPIENT, 0, id="is_archived"),
        pytest.param(refuses("missing_scope"), Outcome.CONFIGURATION, 0, id="missing_scope"),
        pytest.param(refuses("invalid_blocks"), Outcome.PAYLOAD, 0, id="invalid_blocks"),
        pytest.param(refuses("msg_too_long"), Outcome.PAYLOAD, 0, id="msg_too_long"),
        pytest.param(refuses("ratelimited"), Outcome.NOT_TAKEN, 0, id="ratelimited"),
        pytest.param(refuses("request_timeout"), Outcome.NOT_TAKEN, 0, id="request_timeout"),
        pytest.param(refuses("internal_error"), Outcome.UNKNOWN, 0, id="internal_error"),
        pytest.param(refuses("fatal_error", 500), Outcome.UNKNOWN, 0, id="fatal_error 500"),
        pytest.param(refuses("never_heard_of", 503), Outcome.UNKNOWN, 0, id="unknown word 503"),
        pytest.param(is_a_page(200), Outcome.UNKNOWN, 0, id="page 200"),
        pytest.param(is_a_page(502), Outcome.UNKNOWN, 0, id="page 502"),
        pytest.param(resets_before_posting, Outcome.UNKNOWN, 0, id="reset before posting"),
        pytest.param(resets_after_posting, Outcome.UNKNOWN, 1, id="reset after posting"),
        pytest.param(truncates, Outcome.UNKNOWN, 1, id="truncated answer"),
    ],
)
def test_an_answer_means_what_slack_documents_and_is_never_asked_for_twice(
    script: Script, outcome: Outcome, posted: int
) -> None:
    delivery, server = answered(script)
    assert delivery.outcome is outcome
    assert server.calls == 1
    assert len(server.posted) == posted
    assert "html" not in delivery.text


def test_an_answer_that_does_not_come_leaves_it_unknown() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        delivery = send(f"http://127.0.0.1:{deaf.getsockname()[1]}/api/")
    assert delivery.outcome is Outcome.UNKNOWN


def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    assert send(f"http://127.0.0.1:{free_port()}/api/").outcome is Outcome.NOT_TAKEN


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("30", 30),
        ("86400", 3600),
        ("Mon, 23 Nov 2026 09:42:30 GMT", 90),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_a_pause_is_as_long_as_slack_asks_up_to_an_hour(retry_after: str, seconds: int) -> None:
    delivery, _ = answered(asks_for_a_pause(retry_after))
    assert delivery.outcome is Outcome.NOT_TAKEN
    assert delivery.retry_after_seconds == seconds


@pytest.mark.parametrize("token", ["xoxb-wrong", "xoxb-line\nbreak", "xoxb-☃"])
def test_a_wrong_token_is_named_by_its_variable_only(token: str) -> None:
    with slack_server() as server:
        delivery = send(server.url, token)
    assert delivery.outcome is Outcome.CONFIGURATION
    assert delivery.text == "Slack said invalid_auth (the token is in SLACK_TOKEN)"
    assert server.posted == []


def test_a_missing_token_is_said_without_asking_slack() -> None:
    with slack_server() as server:
        delivery = send(server.url, "")
    assert delivery.outcome is Outcome.CONFIGURATION
    assert delivery.text == "the environment variable SLACK_TOKEN is not set"
    assert server.calls == 0


def test_the_token_is_masked_when_it_is_read() -> None:
    masked: list[str] = []
    with slack_server() as server:
        send(server.url, outside=Outside({"SLACK_TOKEN": TOKEN}, masked.append))
    assert set(masked) == {TOKEN}


def test_nothing_is_written_to_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    answered(is_a_page(200))
    assert capfd.readouterr() == ("", "")


def test_a_word_slack_may_say_tomorrow_is_said_as_it_is() -> None:
    delivery, _ = answered(refuses("never_heard_of"))
    assert (delivery.outcome, delivery.text) == (Outcome.PAYLOAD, "Slack said never_heard_of")


def test_every_word_in_the_table_has_its_outcome() -> None:
    for word, outcome in OUTCOMES.items():
        assert outcome_of(SlackAnswer(200, {}, word)) is outcome
