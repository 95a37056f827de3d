"""Lines of access logs -> who asked for what, and when."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any

from ci_steps.errors import UsageError
from ci_steps.moments import iso_moment

# https://httpd.apache.org/docs/current/logs.html#combined; nginx writes the same.
COMBINED = (
    r'(?P<address>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?:\S+ )?(?P<path>\S+)[^"]*" '
    r'\d+ \S+(?: "[^"]*" "(?P<agent>[^"]*)")?'
)
GROUPS = ("time", "path", "address", "user", "agent")
_NEEDED = {"time", "path"}

_CLF = re.compile(r"(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


@dataclass(frozen=True)
class Line:
    """One request; what a log does not say is empty."""

    at: datetime
    path: str
    address: str = ""
    user: str = ""
    agent: str = ""


Reader = Callable[[str], "Line | None"]
"""Returns the request of a line, None for a line that cannot be read."""


def by_pattern(pattern: str) -> Reader:
    """Return a reader for lines that *pattern* matches, with groups called as in `GROUPS`."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"pattern: {pattern!r} is no regular expression: {error}") from None
    missing = sorted(_NEEDED - set(compiled.groupindex))
    if missing:
        raise UsageError(f"pattern: {pattern!r} has no group (?P<{missing[0]}>…)")

    def read(text: str) -> Line | None:
        found = compiled.match(text)
        return _line(found.groupdict()) if found else None

    return read


def by_keys(keys: Mapping[str, str]) -> Reader:
    """Return a reader for lines of JSON; *keys* are their names for those of `GROUPS`."""
    named = {group: keys.get(group, group) for group in GROUPS}

    def read(text: str) -> Line | None:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, dict):
            return None
        return _line({group: document.get(key) for group, key in named.items()})

    return read


def moment_of(value: Any) -> datetime | None:
    """Return a time: CLF, ISO 8601 with its zone, or seconds since 1970; None for others."""
    return _moment(str(value))


@lru_cache(maxsize=64)  # a busy log has many lines of each second
def _moment(text: str) -> datetime | None:
    found = _CLF.fullmatch(text)
    try:
        if found:
            return _clf(*found.groups())
        if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), timezone.utc)
        moment = iso_moment(text)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else None


def _line(found: Mapping[str, Any]) -> Line | None:
    at = moment_of(found["time"])
    if at is None or not found["path"]:
        return None
    rest = {group: _known(found.get(group)) for group in ("address", "user", "agent")}
    return Line(at, str(found["path"]), **rest)


def _known(value: Any) -> str:
    return "" if value in (None, "-") else str(value)


def _clf(day: str, month: str, year: str, *rest: str) -> datetime:
    hour, minute, second, sign, hours, minutes = rest
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    zone: tzinfo = timezone(-offset if sign == "-" else offset)
    whole = (int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
    return datetime(*whole, tzinfo=zone)
