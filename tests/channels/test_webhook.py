from __future__ import annotations

import json
from typing import Any

import pytest

from ci_steps.channels import webhook
from ci_steps.channels.webhook import Options
from ci_steps.outside import Outside
from ci_steps.protocols import Delivery, Outcome
from tests.parts.http import Exchange, Server, serving
from tests.parts.notices import Clock, message

SECRET = "sig-not-a-real-secret"


def send(status: int = 202, **headers: str) -> tuple[Delivery, Server]:
    def answer(exchange: Exchange) -> None:
        exchange.answer(
            status, {name.replace("_", "-"): text for name, text in headers.items()}, b""
        )

    with serving(answer) as server:
        payload = webhook.payload(message(), "TEAMS_GIS", Options())
        outside = Clock({"TEAMS_GIS": f"{server.address}/?sig={SECRET}\n"})
        return webhook.send(payload, "TEAMS_GIS", Options(timeout_seconds=2), outside), server


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (202, Outcome.SENT),
        (302, Outcome.RECIPIENT),
        (400, Outcome.PAYLOAD),
        (401, Outcome.RECIPIENT),
        (404, Outcome.RECIPIENT),
        (408, Outcome.NOT_TAKEN),
        (413, Outcome.PAYLOAD),
        (418, Outcome.RECIPIENT),
        (429, Outcome.NOT_TAKEN),
        (500, Outcome.UNKNOWN),
        (503, Outcome.UNKNOWN),
    ],
)
def test_an_answer_means_what_its_status_says(status: int, outcome: Outcome) -> None:
    delivery, server = send(status)
    assert delivery.outcome is outcome
    assert len(server.asked) == 1
    assert SECRET not in str(delivery)


def test_a_pause_that_is_asked_for_is_kept() -> None:
    assert send(429, Retry_After="90")[0].retry_after_seconds == 90


def test_a_receiver_that_knows_the_header_takes_the_same_message_once() -> None:
    _, server = send()
    assert server.seen_headers[0]["Idempotency-Key"] == message().key


def test_nothing_that_reads_along_gets_it() -> None:
    outside = Outside({"TEAMS_GIS": f"http://teams.example/{SECRET}"})
    delivery = webhook.send(b"{}", "TEAMS_GIS", Options(), outside)
    assert delivery == Delivery(
        Outcome.RECIPIENT, "the address in TEAMS_GIS does not begin with https://"
    )


@pytest.mark.parametrize(
    ("contact", "outcome", "text"),
    [
        ("TEAMS_GIS", Outcome.NOT_TAKEN, "the environment variable TEAMS_GIS is not set"),
        (
            f"https://teams.example/{SECRET}",
            Outcome.RECIPIENT,
            "is to name an environment variable",
        ),
        ("", Outcome.RECIPIENT, "is to name an environment variable"),
    ],
)
def test_a_contact_names_a_variable_and_is_never_the_address_itself(
    contact: str, outcome: Outcome, text: str
) -> None:
    delivery = webhook.send(b"{}", contact, Options(), Outside({}))
    assert delivery.outcome is outcome
    assert text in delivery.text
    assert SECRET not in delivery.text


def body(form: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(webhook.payload(message(), "X", Options(form=form)))
    return content


def test_a_service_of_ones_own_gets_every_fact() -> None:
    assert body("json")["services"] == ["gis"]
    assert (body("json")["due"], body("json")["to"]) == ("2026-12-23", "auth-2")


def test_mattermost_gets_a_text_in_which_nobody_is_mentioned() -> None:
    text = body("mattermost")["text"]
    assert text.startswith("```\n[action by 2026-12-23] auth 2.0.0")
    assert text.count("```") == 2


def test_teams_gets_a_card() -> None:
    (card,) = body("teams")["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert "Move gis to auth-2" in card["content"]["body"][1]["text"]


@pytest.mark.parametrize("form", ["json", "mattermost", "teams"])
def test_what_may_come_twice_says_so(form: str) -> None:
    payload = webhook.payload(message(), "X", Options(form=form))
    assert b"sent again: the answer to the first try was lost" in webhook.marked(payload)
