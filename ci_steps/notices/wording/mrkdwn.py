"""Text inside Slack's own mark-up, mrkdwn: shown as it is written, and no longer than it may be."""

from __future__ import annotations

import re


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
