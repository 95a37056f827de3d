"""A message in Slack's Block Kit: escaped, and inside the limits whatever is in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ci_steps.notices.render import facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Message

# https://docs.slack.dev/reference/block-kit/blocks/header-block and …/section-block
_HEADER_LIMIT = 150
_SECTION_LIMIT = 3_000
# Fewer than a section may hold: a list is read to its end, or not at all.
_LIST_LIMIT = 2_500
_CHANGE_LIMIT = 160


def slack_message(message: Message, address: str) -> dict[str, Any]:
    """Return the body of ``chat.postMessage``: at most nine blocks and 12,000 characters."""
    values = facts(message)
    said = {name: escaped(value) for name, value in values.items() if isinstance(value, str)}
    return {
        "channel": address,
        # What a phone shows in its notification, and a screen reader says.
        "text": shortened(said["summary"], _SECTION_LIMIT),
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "metadata": {
            "event_type": "ci_steps_notice",
            "event_payload": {
                "key": message.key,
                "event": f"{message.to}/{message.environment}",
                "stage": message.stage,
            },
        },
        "blocks": [
            _header(f"{said['provider']} {said['version']}: move by {said['due']}"),
            _section(
                f"Move *{said['names']}* to {_code(values['to'])} by *{said['due_day']}*.\n"
                f"{_code(values['provider'] + ' ' + values['version'])} went to "
                f"{said['environment']} on {said['shipped']}, and it may break its callers."
            ),
            _section(f"*Yours to update*\n{_services(values['services'])}"),
            _section(f"*What breaks*\n{_breaks(values, said)}"),
            _section(f"*Who to ask*\n{_asked(values, said)}"),
            _section(
                f"*How it ends*\nDeclare {_code(values['to'])} under `depends_on` in the "
                f"`ci-steps.yaml` of each service and deploy it to {said['environment']}. "
                "This notice then closes by itself; there is nothing to report."
            ),
            {
                "type": "context",
                "elements": [
                    _markdown(
                        f"You get this because {said['owner']} owns what is listed above, and it "
                        f"is live in {said['environment']}. Reference {_code(values['reference'])}"
                    )
                ],
            },
        ],
    }


def escaped(text: str) -> str:
    """Return *text* so that Slack shows it as it is: no mention, no link, no bold.

    https://docs.slack.dev/messaging/formatting-message-text: ``&``, ``<`` and ``>`` are
    all that must be escaped; an invisible joiner ends the rest of the mark-up.
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?<![A-Za-z0-9])([*_~`])|([*_~`])(?![A-Za-z0-9])", "\u2060\\1\\2\u2060", text)


def shortened(text: str, limit: int) -> str:
    """Return *text* in at most *limit* characters, without half of an ``&amp;`` at the end."""
    if len(text) <= limit:
        return text
    return re.sub(r"&\w*$", "", text[: limit - 1]) + "…"


def _header(text: str) -> dict[str, Any]:
    plain = {"type": "plain_text", "text": shortened(text, _HEADER_LIMIT), "emoji": False}
    return {"type": "header", "text": plain}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _markdown(text)}


def _markdown(text: str) -> dict[str, Any]:
    # Verbatim: Slack makes no links of its own out of names and channels.
    return {"type": "mrkdwn", "text": shortened(text, _SECTION_LIMIT), "verbatim": True}


def _code(text: str) -> str:
    safe = text.replace("`", "'")
    return "`" + safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "`"


def _services(services: list[dict[str, str]]) -> str:
    lines: list[str] = []
    length = 0
    for number, service in enumerate(services):
        line = f"• *{escaped(service['name'])}* needs {_code(service['requires'])}"
        length += len(line) + 1
        if length > _LIST_LIMIT:
            return "\n".join([*lines, f"… and {len(services) - number} more"])
        lines.append(line)
    return "\n".join(lines)


def _breaks(values: dict[str, Any], said: dict[str, str]) -> str:
    text = "\n".join([said["breaks"], *_changes(values)])
    gap = "\n" if values["changes"] else " "
    if values["link"]:
        return f"{text}{gap}{_link(values['link'], 'See the job that shipped it')}."
    return f"{text}{gap}The job that shipped it: {said['url']}" if values["url"] else text


def _changes(values: dict[str, Any]) -> Iterator[str]:
    for change in values["changes"]:
        place = f" ({_code(change['place'])})" if change["place"] else ""
        yield f"• {escaped(shortened(change['text'], _CHANGE_LIMIT))}{place}"
    if values["more"]:
        yield f"… and {values['more']:,} more"


def _asked(values: dict[str, Any], said: dict[str, str]) -> str:
    if not values["asked"]:
        return f"Nobody is recorded as the owner of {said['provider']}."
    mails = ", ".join(escaped(one) for one in values["mails"])
    return f"{said['asked']}, who own {said['provider']}{': ' + mails if mails else '.'}"


def _link(url: str, label: str) -> str:
    return f"<{url.replace('&', '&amp;').replace('|', '%7C')}|{label}>"
