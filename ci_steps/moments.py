"""Times as ISO 8601 writes them: in one spelling, and read alike by every Python."""

from __future__ import annotations

import re
from datetime import datetime, timezone


def iso_moment(text: str) -> datetime:
    """Return a time, perhaps without a zone; ValueError if it is none.

    Before 3.11 Python reads neither a Z, nor a zone without a colon, nor any fraction of a second.
    """
    text = re.sub(r"[Zz]$", "+00:00", text.strip())
    text = re.sub(r"(?<=\d)([+-]\d\d)(\d\d)$", r"\1:\2", text)
    text = re.sub(r"(?<=:\d\d)[.,](\d+)", lambda found: f".{found[1][:6]:0<6}", text)
    return datetime.fromisoformat(text)


def iso_text(moment: datetime) -> str:
    """Return a time as answers, reports and files have it: in UTC, ``2017-10-01T12:00:00Z``."""
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
