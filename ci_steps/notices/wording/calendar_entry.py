"""The deadline of a notice as an entry for a calendar (RFC 5545)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ci_steps.notices import stages
from ci_steps.notices.wording.spans import clean, is_link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Message

_LINE_OCTETS = 75


def calendar_entry(message: Message, summary: str, domain: str) -> str:
    """Return a day in a calendar, or nothing at a stage that asks for nothing.

    The entry of a later message takes the place of the one before: its UID is that of the
    announcement, and its SEQUENCE the days since then.
    """
    if stages.kind_of(message.stage) not in stages.ASKING - {stages.DIGEST}:
        return ""
    return "".join(folded(line) for line in _lines(message, summary, domain))


def folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets, none of which splits a character."""
    pieces, length = [""], 0
    for sign in line:
        octets = len(sign.encode())
        if length + octets > _LINE_OCTETS:
            pieces.append("")
            length = 1  # the blank that says: this goes on
        pieces[-1] += sign
        length += octets
    return "\r\n ".join(pieces) + "\r\n"


def _lines(message: Message, summary: str, domain: str) -> Iterator[str]:
    later = (message.on - message.at.date()).days if message.on else 0
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ci-steps//notices//EN")
    yield from ("METHOD:PUBLISH", "BEGIN:VEVENT")
    yield f"UID:{message.root_key or message.key}@{domain}"
    yield f"SEQUENCE:{max(0, later)}"
    yield f"DTSTAMP:{message.at:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{message.due:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{message.due + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(summary)}"
    if is_link(clean(message.url)):
        yield f"URL:{clean(message.url)}"
    yield from ("TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D")
    yield f"DESCRIPTION:{_text(summary)}"
    yield from ("END:VALARM", "END:VEVENT", "END:VCALENDAR")


def _text(value: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", clean(value))
