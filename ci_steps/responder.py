"""What stands where a line was: ``410 Gone`` with the way to its successor, and a count of callers.

A program of its own, of the standard library alone: ``python -m ci_steps.responder FILE``. It
serves on $HOST and $PORT as the target ``process`` asks of every service. FILE says what it
answers; beside it, in ``callers.json``, stands who called, how often, and when for the last time.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CALLERS = "callers.json"

_MOST_CALLERS = 1_000
_LONGEST_NAME = 200
_MOST_BODY_BYTES = 1_000_000
_TIMEOUT_SECONDS = 10
_OTHERS = "others"


class Callers:
    """Who called: by name the number of calls and the time of the last, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        try:
            self._known: dict[str, list[Any]] = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            self._known = {}

    def count(self, name: str) -> None:
        """Count one call, and write it down before it is answered."""
        with self._lock:
            if name not in self._known and len(self._known) >= _MOST_CALLERS:
                name = _OTHERS
            calls, _ = self._known.get(name, (0, 0.0))
            self._known[name] = [calls + 1, time.time()]
            beside = self._file.with_name(self._file.name + ".new")
            beside.write_text(json.dumps(self._known), encoding="utf-8")
            beside.replace(self._file)


@dataclass(frozen=True)
class Said:
    """What every call is answered, whom the headers `caller` name, and what is no call."""

    status: int
    headers: dict[str, str]
    body: bytes
    caller: tuple[str, ...]
    spared: frozenset[str]


class Answer(BaseHTTPRequestHandler):
    """One connection of a caller."""

    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_SECONDS
    said: Said
    callers: Callers

    def _answer(self) -> None:
        if self.path.partition("?")[0] not in self.said.spared:
            self.callers.count(self._caller())
        self._forget_body()
        self.send_response(self.said.status)
        for name, value in self.said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(self.said.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.said.body)

    def _caller(self) -> str:
        """Return who calls: the first of the headers that says it, or the address."""
        for header in self.said.caller:
            value = "".join(filter(str.isprintable, self.headers.get(header) or ""))
            if value.strip():
                # X-Forwarded-For names the caller first, and then who handed it on.
                return value.partition(",")[0].strip()[:_LONGEST_NAME]
        return str(self.client_address[0])

    def _forget_body(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        is_long = not length.isdecimal() or int(length) > _MOST_BODY_BYTES
        if is_long or "Transfer-Encoding" in self.headers:
            self.close_connection = True
        else:
            self.rfile.read(int(length))

    def __getattr__(self, name: str) -> Any:
        """Answer every method alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Say nothing: callers are counted."""


def read(file: Path) -> Said:
    """Return what a file says."""
    said = json.loads(file.read_text("utf-8"))
    status = int(said["status"])
    body = json.dumps({"title": said["title"], "status": status, **said["links"]}).encode()
    return Said(status, said["headers"], body, tuple(said["caller"]), frozenset(said["spared"]))


def main(file: str) -> None:
    """Serve until somebody ends it."""
    path = Path(file)
    where = (os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"]))
    Answer.said, Answer.callers = read(path), Callers(path.with_name(CALLERS))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = ThreadingHTTPServer(where, Answer)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
