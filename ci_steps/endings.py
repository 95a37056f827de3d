"""That something will end, as services say it to their callers in headers of HTTP.

``Deprecation`` is RFC 9745, ``Sunset`` RFC 8594, both with a ``Link`` to more. What older
drafts wrote is still found: ``Deprecation: true``, and a date instead of a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from ci_steps.moments import iso_moment

_LINK = re.compile(
    r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\",;]*))?)*)"
)
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]*))", re.IGNORECASE)
# What explains the end comes before what comes after it.
_RELATIONS = ("sunset", "deprecation", "successor-version")
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Ending:
    """What is deprecated, and since when if that is said; `ends` is when it is switched off.

    `problem` is what a header says that nobody understands.
    """

    since: datetime | None = None
    ends: datetime | None = None
    link: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Window:
    """A planned refusal, announced before: from when to when, and with which status."""

    begin: datetime
    end: datetime
    status: int = 503

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.begin:%Y-%m-%d %H:%M} to {self.end:%H:%M} UTC"


def read_ending(headers: Mapping[str, str]) -> Ending | None:
    """Return what *headers*, with names of any case, say about an end; None if nothing."""
    known = {name.lower(): value.strip() for name, value in headers.items()}
    deprecation, sunset = known.get("deprecation", ""), known.get("sunset", "")
    if deprecation.lower() in {"", "false", "?0"} and not sunset:
        return None
    since, ends = _since(deprecation), _moment(sunset)
    problems = [
        f"{name}: {_shortened(text)} is not understood"
        for name, text, found in (
            ("Deprecation", deprecation, since or deprecation.lower() in {"", "true", "?1"}),
            ("Sunset", sunset, ends or not sunset),
        )
        if not found
    ]
    return Ending(since, ends, _link(known.get("link", "")), "; ".join(problems))


def headers_of(ending: Ending, successor: str = "") -> dict[str, str]:
    """Return the headers that say it to callers; *successor* is where the next line answers."""
    headers = {}
    if ending.since:
        headers["Deprecation"] = f"@{int(ending.since.timestamp())}"
    if ending.ends:
        from email.utils import format_datetime

        headers["Sunset"] = format_datetime(ending.ends.astimezone(timezone.utc), usegmt=True)
    about = "sunset" if ending.ends else "deprecation"
    links = [(ending.link, about), (successor, "successor-version")]
    if any(url for url, _ in links):
        headers["Link"] = ", ".join(f'<{_safe(url)}>; rel="{rel}"' for url, rel in links if url)
    return headers


def _safe(url: str) -> str:
    return re.sub(r"[<>\s\"\x00-\x1f]", _percent, url)


def _since(text: str) -> datetime | None:
    if re.fullmatch(r"@-?\d{1,11}", text):
        return datetime.fromtimestamp(int(text[1:]), timezone.utc)
    return _moment(text)


def _moment(text: str) -> datetime | None:
    """Return a date as HTTP writes it, or as many who did not read the RFC do."""
    from email.utils import parsedate_to_datetime

    for read in (parsedate_to_datetime, iso_moment):
        try:
            moment = read(text)
        except (TypeError, ValueError, IndexError, OverflowError):
            continue
        # RFC 9110: GMT, whether it is written or not.
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return None


def _link(text: str) -> str:
    found: dict[str, str] = {}
    for url, parameters in _LINK.findall(text):
        relations = _RELATION.search(parameters)
        for name in ((relations[1] or relations[2]) if relations else "").lower().split():
            found.setdefault(name, url)
    return next((found[name] for name in _RELATIONS if name in found), "")


def _shortened(text: str) -> str:
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return repr(line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…")


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"
