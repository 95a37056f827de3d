"""What holds for every channel, whatever it sends to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from ci_steps.channels import email, file, slack, slack_webhook, webhook
from ci_steps.options import options_of
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Channel, Outcome
from tests.parts.http import serving
from tests.parts.notices import message
from tests.parts.slack import TOKEN
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import PASSWORD, USER, authority, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("email", "file", "slack", "slack-webhook", "webhook")
SECRETS = {"SLACK_TOKEN": TOKEN, "SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD}
HOOK = "hook-not-a-real-secret"
HOOKS: dict[str, Any] = {"slack-webhook": slack_webhook, "webhook": webhook}
LARGE = message(
    *(f"service-{number}" for number in range(200)),
    owner="A name of four thousand characters. " * 112,
)


class Ready(NamedTuple):
    """A channel with a real receiver."""

    channel: Channel
    options: Any
    address: str


@pytest.fixture(params=NAMES)
def ready(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ready]:
    if request.param == "file":
        yield Ready(file, file.Options(folder=str(tmp_path / "notices")), "gis-team")
    elif request.param == "slack":
        with slack_server() as server:
            yield Ready(slack, slack.Options(url=server.url), "#gis-team")
    elif request.param in HOOKS:
        with serving(lambda exchange: exchange.answer(200, {}, b"ok")) as hook:
            SECRETS["HOOK_GIS"] = f"{hook.address}/{HOOK}"
            channel = HOOKS[request.param]
            yield Ready(channel, channel.Options(), "HOOK_GIS")
    else:
        trusted = authority(tmp_path / "authority")
        with mail_server(tls=trusted.context, login=True) as mailbox:
            options = email.Options(
                host="127.0.0.1",
                port=mailbox.port,
                sender="ci-steps@shop.example",
                ca_file=str(trusted.ca_file),
                user_env="SMTP_USER",
            )
            yield Ready(email, options, "gis-owners@shop.example")


def test_a_large_message_is_taken(ready: Ready) -> None:
    payload = ready.channel.payload(LARGE, ready.address, ready.options)
    delivery = ready.channel.send(payload, ready.address, ready.options, Outside(SECRETS))
    assert delivery.outcome is Outcome.SENT
    assert delivery.receipt


def test_the_same_facts_give_the_same_bytes(ready: Ready) -> None:
    first = ready.channel.payload(message("gis"), ready.address, ready.options)
    assert ready.channel.payload(message("gis"), ready.address, ready.options) == first
    assert ready.channel.payload(message("geo"), ready.address, ready.options) != first


def test_no_secret_is_in_what_is_kept(ready: Ready) -> None:
    payload = ready.channel.payload(message(), ready.address, ready.options)
    delivery = ready.channel.send(payload, ready.address, ready.options, Outside(SECRETS))
    for secret in (TOKEN, PASSWORD, HOOK):
        assert secret not in f"{payload!r} {delivery} {ready.options}"


def test_a_rehearsal_sends_nothing_and_supposes_that_it_would_go(ready: Ready) -> None:
    payload = ready.channel.payload(message(), ready.address, ready.options)
    outside = InertOutside(SECRETS)
    delivery = ready.channel.send(payload, ready.address, ready.options, outside)
    assert delivery.outcome is Outcome.SENT


def test_every_option_is_explained_in_a_sentence(ready: Ready) -> None:
    for option in options_of(ready.channel.Options):
        assert option.explain.endswith(".")
        assert option.explain[0].isupper()
