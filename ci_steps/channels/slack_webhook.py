"""Post to incoming webhooks of Slack: fire and remember, without threads and without looking.

A contact names the environment variable that holds its address, since that is a secret.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.options import option
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.web import Posted
    from ci_steps.protocols import Message

# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
OUTCOMES = {
    "ok": Outcome.SENT,
    "invalid_payload": Outcome.PAYLOAD,
    "invalid_blocks": Outcome.PAYLOAD,
    "no_text": Outcome.PAYLOAD,
    "too_many_attachments": Outcome.PAYLOAD,
    "user_not_found": Outcome.RECIPIENT,
    "action_prohibited": Outcome.RECIPIENT,
    "channel_not_found": Outcome.RECIPIENT,
    "channel_is_archived": Outcome.RECIPIENT,
    "invalid_token": Outcome.RECIPIENT,
    "no_active_hooks": Outcome.RECIPIENT,
    "no_service": Outcome.RECIPIENT,
    "no_service_id": Outcome.RECIPIENT,
    "no_team": Outcome.RECIPIENT,
    "team_disabled": Outcome.RECIPIENT,
    "posting_to_general_channel_denied": Outcome.RECIPIENT,
    "rollup_error": Outcome.UNKNOWN,
}
_HTTP_OK = 200
_WORD_LIMIT = 60

# A contact names the variable that holds it.
ADDRESS_IS_SECRET = True


@attrs.frozen(kw_only=True)
class Options:
    """What ci-steps.yaml may say under `slack-webhook`."""

    timeout_seconds: float = option(20.0, "Seconds to wait for an answer.", at_least=1)


def payload(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (every channel is asked alike)
    """Return the body of a post."""
    from ci_steps.notices.wording.blocks import slack_message

    return _written(slack_message(message, ""))


def plain(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (as above)
    """Return a message without blocks."""
    from ci_steps.notices.wording.blocks import plain_message

    return _written(plain_message(message, ""))


def marked(payload: bytes) -> bytes:
    """Return a message that says it may have come before."""
    from ci_steps.notices.wording.blocks import marked_message

    return _written(marked_message(json.loads(payload)))


def send(payload: bytes, address: str, options: Options, outside: Outside) -> Delivery:
    """Post once."""
    from ci_steps.notices.sending.webhooks import post

    seconds = options.timeout_seconds
    return post(payload, address, outside, timeout_seconds=seconds, outcome_of=outcome_of)


def outcome_of(posted: Posted) -> Outcome:
    """Return what an answer means."""
    from ci_steps.notices.sending.webhooks import meaning

    word = posted.text.strip()[:_WORD_LIMIT]
    # Without its "ok", somebody else has answered in Slack's place.
    lost = Outcome.UNKNOWN if posted.status == _HTTP_OK else meaning(posted)
    return OUTCOMES.get(word, lost)


def _written(body: dict[str, Any]) -> bytes:
    # What a webhook has no use for: its channel is its own, and nobody can look for a key.
    left = {name: value for name, value in body.items() if name not in ("channel", "metadata")}
    return json.dumps(left, ensure_ascii=False).encode()
