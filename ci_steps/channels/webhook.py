"""Post JSON to an address: a Teams workflow, Mattermost, or a service of your own.

A contact names the environment variable that holds its address, since that is mostly a secret.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.options import option

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Delivery, Message

_AGAIN = "sent again: the answer to the first try was lost"
_TEXT_LIMIT = 12_000

# A contact names the variable that holds it.
ADDRESS_IS_SECRET = True


@attrs.frozen(kw_only=True)
class Options:
    """What ci-steps.yaml may say under `webhook`."""

    form: str = option(
        "json",
        "The form of the body: every fact as JSON, a text for Mattermost, a card for Teams.",
        choices=("json", "mattermost", "teams"),
    )
    timeout_seconds: float = option(20.0, "Seconds to wait for an answer.", at_least=1)


def payload(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (every channel is asked alike)
    """Return the body of a post."""
    from ci_steps.notices.wording.render import words

    said = words(message)
    text = said.text[:_TEXT_LIMIT]
    return _written(_form(options.form, message, said.subject, said.summary, text))


def plain(message: Message, address: str, options: Options) -> bytes:  # noqa: ARG001 (as above)
    """Return a short text."""
    from ci_steps.notices.wording.render import words

    said = words(message)
    return _written(_form(options.form, message, said.subject, said.summary, said.summary))


def marked(payload: bytes) -> bytes:
    """Return a message that says it may have come before."""
    body = json.loads(payload)
    if body.get("type") == "message":
        note = {"type": "TextBlock", "text": _AGAIN, "isSubtle": True, "wrap": True}
        body["attachments"][0]["content"]["body"].append(note)
    else:
        body["text"] = f"{body['text']}\n{_AGAIN}"
    return _written({**body, "again": True} if "key" in body else body)


def send(payload: bytes, address: str, options: Options, outside: Outside) -> Delivery:
    """Post once."""
    from ci_steps.notices.sending.webhooks import meaning, post

    key = str(json.loads(payload).get("key", ""))
    return post(
        payload,
        address,
        outside,
        timeout_seconds=options.timeout_seconds,
        outcome_of=meaning,
        # A receiver that knows the header takes the same message once.
        headers={"Idempotency-Key": key} if key else {},
    )


def _form(form: str, message: Message, subject: str, summary: str, text: str) -> dict[str, Any]:
    if form == "mattermost":
        # Between fences nothing is taken for a mention or for markup.
        fenced = text.replace("```", "'''")
        return {"text": f"```\n{subject}\n\n{fenced}\n```"}
    if form == "teams":
        return _card(subject, text)
    return {
        "schema": "ci-steps/notice/1",
        "key": message.key,
        "stage": message.stage,
        "provider": message.provider,
        "version": message.version,
        "to": message.to,
        "environment": message.environment,
        "due": str(message.due),
        "services": [one.dependent for one in message.obligations],
        "subject": subject,
        "summary": summary,
        "text": text,
        "url": message.url,
    }


def _card(subject: str, text: str) -> dict[str, Any]:
    """Return an Adaptive Card: https://adaptivecards.io/explorer/TextBlock.html."""
    content = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": subject, "weight": "bolder", "wrap": True},
            {"type": "TextBlock", "text": text, "fontType": "monospace", "wrap": True},
        ],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}]}


def _written(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
