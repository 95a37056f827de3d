"""Post to a Slack channel or to a person."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.notices.sending import retry_after
from ci_steps.notices.sending.slack_words import NO_LOOKING, NO_TOKEN, outcome_of, text_of
from ci_steps.notices.stages import STATES
from ci_steps.options import option
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.notices.sending.slack_workspace import Workspace
    from ci_steps.outside import Outside
    from ci_steps.outside.slack import SlackAnswer
    from ci_steps.protocols import Message


_EYES = "eyes"


@attrs.frozen(kw_only=True)
class Options:
    """What ci-steps.yaml may say under `slack`."""

    token_env: str = option("SLACK_TOKEN", "Environment variable with the bot token.")
    workspace: str = option(
        "", "Name of the workspace, where services of several share a dictionary."
    )
    url: str = option("https://slack.com/api/", "Address of Slack's web API.")
    timeout_seconds: float = option(20.0, "Seconds to wait for an answer.", at_least=1)


def payload(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (every channel is asked alike)
    """Return the body of ``chat.postMessage``, or of ``chat.update`` with a `ts`."""
    from ci_steps.notices.wording.blocks import slack_message

    return _written({**slack_message(message, address), **_place(message)})


def plain(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (as above)
    """Return a message without blocks, for a Slack that did not accept them."""
    from ci_steps.notices.wording.blocks import plain_message

    return _written({**plain_message(message, address), **_place(message)})


def marked(payload: bytes) -> bytes:
    """Return a message that says it may have come before."""
    from ci_steps.notices.wording.blocks import marked_message

    return _written(marked_message(json.loads(payload)))


def send(payload: bytes, address: str, options: Options, outside: Outside) -> Delivery:  # noqa: ARG001 (every channel is asked alike)
    """Post once, or change what was posted."""
    there = _workspace(options, outside)
    body = json.loads(payload)
    answer = there.call("chat.update" if "ts" in body else "chat.postMessage", body)
    if not answer.is_yes:
        return _refused(answer, options, outside)
    channel, ts = str(answer.body.get("channel", "")), str(answer.body.get("ts", ""))
    # Answers have no link of their own: people come to them through what they answer.
    link = "" if {"thread_ts", "ts"} & set(body) else there.permalink(channel, ts)
    # With both parts it can be found, changed and answered again.
    receipt = f"{channel}/{ts}".strip("/")
    return Delivery(Outcome.SENT, receipt=receipt, permalink=link, editable="/" in receipt)


def find(
    payload: bytes, address: str, since: datetime, options: Options, outside: Outside
) -> Delivery | None:
    """Look in the channel's history, or in the thread, for a message with our key."""
    body = json.loads(payload)
    if "ts" in body:
        return None  # the same change again changes nothing
    there = _workspace(options, outside)
    thread = str(body.get("thread_ts", ""))
    try:
        channel = there.channel_of(str(body.get("channel", address)))
        ts = there.message_with(body["metadata"]["event_payload"]["key"], channel, thread, since)
    except there.Unanswered as error:
        # Who may not look, or not there, never can; everybody else may be able to later.
        never = error.answer.error in NO_LOOKING
        outcome = Outcome.CONFIGURATION if never else Outcome.NOT_TAKEN
        return replace(_refused(error.answer, options, outside), outcome=outcome)
    if not ts:
        return None
    link = "" if thread else there.permalink(channel, ts)
    return Delivery(Outcome.SENT, receipt=f"{channel}/{ts}", permalink=link, editable=True)


def trouble(options: Options, outside: Outside) -> str:
    """Return why Slack would take no message of ours, or nothing; none is posted."""
    answer = _workspace(options, outside).ask("auth.test")
    return "" if answer.is_yes else _refused(answer, options, outside).text


def find_seen(receipt: str, options: Options, outside: Outside) -> Delivery | None:
    """Return SENT where somebody has put 👀 to a message, None where nobody has.

    CONFIGURATION means that it may not be looked at, NOT_TAKEN that it cannot be just now.
    """
    channel, _, ts = receipt.partition("/")
    answer = _workspace(options, outside).ask("reactions.get", channel=channel, timestamp=ts)
    if not answer.is_yes:
        refused = _refused(answer, options, outside)
        if answer.error == "missing_scope":
            return replace(refused, text=f"{refused.text}: give the app the scope reactions:read")
        return refused
    message = answer.body.get("message")
    found = message.get("reactions") if isinstance(message, dict) else None
    names = [one.get("name") for one in found or () if isinstance(one, dict)]
    return Delivery(Outcome.SENT) if _EYES in names else None


def workspace(options: Options) -> str:
    """Return what a pause concerns: the workspace by its name, or by its token's."""
    return options.workspace or options.token_env


def secrets(options: Options) -> tuple[str, ...]:
    """Return the variables without which nothing can be sent."""
    return (options.token_env,)


def _place(message: Message) -> dict[str, str]:
    """Return where a message belongs that answers another one, or takes its place."""
    channel, _, ts = message.root.partition("/")
    if not ts:
        return {}
    is_change = message.stage in STATES.values()
    return {"channel": channel, "ts" if is_change else "thread_ts": ts}


def _refused(answer: SlackAnswer, options: Options, outside: Outside) -> Delivery:
    """Return what an answer that is not a success means."""
    outcome, text = outcome_of(answer), text_of(answer)
    if answer.error == NO_TOKEN:
        text = f"the environment variable {options.token_env} is not set"
    elif outcome is Outcome.CONFIGURATION:
        text = f"{text} (the token is in {options.token_env})"
    seconds = retry_after.seconds(answer.retry_after, outside.now())
    return Delivery(outcome, text, retry_after_seconds=seconds)


def _workspace(options: Options, outside: Outside) -> Workspace:
    from ci_steps.notices.sending.slack_workspace import Workspace

    return Workspace(options.token_env, options.url, options.timeout_seconds, outside)


def _written(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
