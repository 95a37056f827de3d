"""What goes wrong: four calls in ten, before and after the receiver has taken the message."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, TypeVar

from tests.parts import slack
from tests.parts.smtp import DROP, HANG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.parts.slack import Call, Script

SHARE = 0.4
# Longer than the jobs wait for an answer.
HANG_SECONDS = 1.3

_T = TypeVar("_T")

# Retry-After in all its forms; an hour of it would only make the run longer.
_PAUSES = {
    "429, at once": slack.asks_for_a_pause("0"),
    "429, a second": slack.asks_for_a_pause("1"),
    "429, a date": slack.asks_for_a_pause(formatdate(0, usegmt=True)),
    "429, nonsense": slack.asks_for_a_pause("soon"),
    "429, without a time": slack.asks_for_a_pause(""),
}
_REFUSALS: dict[str, Script] = {
    "reset": slack.resets_before_posting,
    "hang": slack.hangs(HANG_SECONDS),
    "500": slack.is_a_page(500),
    "502": slack.is_a_page(502),
    "a page, 200": slack.is_a_page(200),
    "internal_error": slack.refuses("internal_error"),
    "fatal_error, 500": slack.refuses("fatal_error", 500),
    "service_unavailable": slack.refuses("service_unavailable", 503),
}
_SURE: dict[str, Script] = {
    **_PAUSES,
    "ratelimited": slack.refuses("ratelimited"),
    "request_timeout": slack.refuses("request_timeout"),
}
# Each of these before the message is posted, and after it.
POSTS: dict[str, Script] = {
    **_SURE,
    **{f"{name}, before": script for name, script in _REFUSALS.items()},
    **{f"{name}, after": slack.after_posting(script) for name, script in _REFUSALS.items()},
    "truncated, after": slack.truncates,
}
LOOKS: dict[str, Script] = {**_SURE, **_REFUSALS}

_LATER, _NOT_NOW = "451 later", "454 4.7.0 not now"
MAIL: dict[str, dict[str, str]] = {
    "EHLO": {"421": "421 busy"},
    "STARTTLS": {"454": _NOT_NOW, "drop": DROP},
    "AUTH": {"454": _NOT_NOW, "drop": DROP, "hang": HANG},
    "MAIL": {"451": _LATER, "drop": DROP},
    "RCPT": {"450": "450 greylisted", "drop": DROP, "hang": HANG},
    "DATA": {"451": _LATER, "drop": DROP},
    "TAKEN": {"drop": DROP, "hang": HANG},
}


@dataclass
class Faults:
    """Chooses by its seed, and counts what it chose."""

    seed: int
    share: float = SHARE
    counted: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin with the seed."""
        self._random = random.Random(self.seed)

    def of_slack(self, call: Call) -> Script | None:
        """Return what Slack does instead of what it is asked, or None."""
        kinds = POSTS if call.method in slack.WRITING else LOOKS
        return self._chosen(f"Slack {call.method.partition('.')[0]}", kinds, self.share)

    def of_mail(self, verb: str) -> str | None:
        """Return what the mail server answers at a verb instead, or None."""
        return self._chosen(f"mail {verb}", MAIL[verb], self.share / len(MAIL))

    def _chosen(self, where: str, kinds: Mapping[str, _T], share: float) -> _T | None:
        with self._lock:
            if self._random.random() >= share:
                return None
            name = self._random.choice(sorted(kinds))
            key = f"{where}: {name}"
            self.counted[key] = self.counted.get(key, 0) + 1
        return kinds[name]
