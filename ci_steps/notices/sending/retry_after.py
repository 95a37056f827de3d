"""How long a receiver asks to be left alone."""

from __future__ import annotations

from datetime import datetime, timezone

_LONGEST_SECONDS = 3600


def seconds(retry_after: str, now: datetime) -> int:
    """Read Retry-After, seconds or a date (RFC 9110, section 10.2.3); an hour at most."""
    from email.utils import parsedate_to_datetime

    text = retry_after.strip()
    if text.isdecimal():
        return min(int(text), _LONGEST_SECONDS)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return max(0, min(int((then - now).total_seconds()), _LONGEST_SECONDS))
