"""The runtime socket of a running HAProxy: what it is asked, and what it is told.

It has no exit codes. An empty answer to what it is told is success, and any text is why not.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.errors import OutsideError, RefusedError
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_WEIGHT = re.compile(r"^(\d+) \(initial \d+\)$", re.MULTILINE)
_UPTIME = "Uptime_sec: "
_AS_CONFIGURED = "Name the backend and the servers as its configuration has them."


@dataclass(frozen=True)
class HaproxyRuntime:
    """A running HAProxy; a server of it is written ``backend/server``."""

    socket: Path
    outside: Outside

    def weight(self, server: str) -> int:
        """Return the weight that a server has now."""
        answer = self.outside.ask_socket(self.socket, f"get weight {server}")
        found = _WEIGHT.search(answer)
        if found is None:
            raise OutsideError(
                f"haproxy does not say the weight of {server}: {_line(answer)}",
                hint=_AS_CONFIGURED,
            )
        return int(found[1])

    def set_weight(self, server: str, weight: int) -> None:
        """Give a server a weight until HAProxy is restarted or reloaded."""
        answer = self.outside.tell_socket(self.socket, f"set server {server} weight {weight}")
        if answer.strip():
            raise RefusedError(
                f"haproxy does not set the weight of {server}: {_line(answer)}",
                hint=_AS_CONFIGURED,
            )

    def uptime(self) -> timedelta:
        """Return for how long it remembers anything."""
        for line in self.outside.ask_socket(self.socket, "show info").splitlines():
            if line.startswith(_UPTIME) and line.removeprefix(_UPTIME).isdigit():
                return timedelta(seconds=int(line.removeprefix(_UPTIME)))
        raise OutsideError(f"{self.socket}: the answer is not that of an HAProxy")

    def idle(self, server: str) -> timedelta | None:
        """Return how long a server had no session, None if it never had one."""
        rows = {
            f"{row.get('# pxname', '')}/{row.get('svname', '')}": row
            for row in csv.DictReader(
                self.outside.ask_socket(self.socket, "show stat").splitlines()
            )
        }
        if server not in rows:
            raise OutsideError(f"{self.socket}: no server {server}{did_you_mean(server, rows)}")
        return self._since_last_session(rows[server])

    def _since_last_session(self, row: Mapping[str, str]) -> timedelta | None:
        text = row.get("lastsess") or ""
        if text == "-1":
            return None
        if not text.isdigit():
            raise OutsideError(f"{self.socket}: it does not say when the last session was")
        return timedelta(seconds=int(text))


def _line(answer: str) -> str:
    return " ".join(answer.split()) or "it says nothing"
