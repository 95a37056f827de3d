from __future__ import annotations

import json

import pytest

from ci_steps.channels import slack_webhook
from ci_steps.channels.slack_webhook import OUTCOMES, Options, outcome_of
from ci_steps.outside import Outside
from ci_steps.outside.web import Posted
from ci_steps.protocols import Delivery, Outcome
from tests.parts.http import Exchange, Script, serving
from tests.parts.notices import message

SECRET = "T000-not-a-real-secret"


def answers(status: int, text: str) -> Script:
    return lambda exchange: exchange.answer(status, {}, text.encode())


def send(script: Script) -> Delivery:
    with serving(script) as server:
        options = Options(timeout_seconds=2)
        payload = slack_webhook.payload(message(), "HOOK_GIS", options)
        outside = Outside({"HOOK_GIS": f"{server.address}/{SECRET}"})
        return slack_webhook.send(payload, "HOOK_GIS", options, outside)


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (200, "ok", Outcome.SENT),
        (200, "<html>a proxy</html>", Outcome.UNKNOWN),
        (400, "invalid_payload", Outcome.PAYLOAD),
        (403, "action_prohibited", Outcome.RECIPIENT),
        (404, "no_service", Outcome.RECIPIENT),
        (410, "channel_is_archived", Outcome.RECIPIENT),
        (429, "rate limited", Outcome.NOT_TAKEN),
        (500, "rollup_error", Outcome.UNKNOWN),
        (502, "<html>", Outcome.UNKNOWN),
    ],
)
def test_an_answer_means_what_slack_documents(status: int, text: str, outcome: Outcome) -> None:
    delivery = send(answers(status, text))
    assert delivery.outcome is outcome
    assert SECRET not in str(delivery)


def test_a_lost_answer_leaves_it_unknown() -> None:
    assert send(Exchange.reset).outcome is Outcome.UNKNOWN


def test_what_only_the_web_api_understands_is_left_out() -> None:
    body = json.loads(slack_webhook.payload(message(), "HOOK_GIS", Options()))
    assert {"channel", "metadata"} & set(body) == set()
    assert body["blocks"][0]["type"] == "header"


def test_every_word_in_the_table_has_its_outcome() -> None:
    for word, outcome in OUTCOMES.items():
        assert outcome_of(Posted(400, f"{word}\n")) is outcome
