"""Slack's chat.postMessage as its documentation describes it, over real HTTP on this machine."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "xoxb-not-a-real-token"

Script = Callable[["Call"], None]


@dataclass
class Slack:
    """Where it listens, what it has posted, and how it answers the next calls."""

    url: str = ""
    token: str = TOKEN
    posted: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    answers: deque[Script] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keys(self) -> list[str]:
        """Return the keys of what was posted; one that is there twice was posted twice."""
        return [str(one["metadata"]["event_payload"]["key"]) for one in self.posted]


@dataclass
class Call:
    """One call; a script answers it."""

    slack: Slack
    body: dict[str, Any]
    token: str
    _request: BaseHTTPRequestHandler

    def post(self) -> str:
        """Put the message into the channel and return its timestamp."""
        with self.slack.lock:
            self.slack.posted.append(self.body)
            return f"1511430067.{len(self.slack.posted):06d}"

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self._request.send_response(status)
        for name, value in headers.items():
            self._request.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self._request.send_header("Content-Length", str(len(body)))
        self._request.end_headers()
        self._request.wfile.write(body)

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self._request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._request.connection.close()


def takes(call: Call) -> None:
    """Post, unless the token is wrong."""
    if call.token != call.slack.token:
        return refuses("invalid_auth")(call)
    document = {"ok": True, "channel": "C0GISTEAM", "ts": call.post()}
    return call.answer(200, json.dumps(document).encode(), Content_Type="application/json")


def refuses(error: str, status: int = 200) -> Script:
    """Answer ``ok: false`` with Slack's word."""
    body = json.dumps({"ok": False, "error": error}).encode()
    return lambda call: call.answer(status, body, Content_Type="application/json")


def asks_for_a_pause(retry_after: str) -> Script:
    """Answer 429."""
    body = b'{"ok":false,"error":"ratelimited"}'
    return lambda call: call.answer(
        429, body, Content_Type="application/json", Retry_After=retry_after
    )


def is_a_page(status: int) -> Script:
    """Answer with HTML, as a proxy in between does."""
    return lambda call: call.answer(status, b"<html>sorry</html>", Content_Type="text/html")


def resets_before_posting(call: Call) -> None:
    call.reset()


def resets_after_posting(call: Call) -> None:
    call.post()
    call.reset()


def truncates(call: Call) -> None:
    """Post, and lose half of the answer."""
    call.post()
    call.answer(200, b'{"ok": true, "ts"', Content_Type="application/json", Content_Length="500")


@contextmanager
def slack(*answers: Script) -> Iterator[Slack]:
    """Answer the first calls as given, and take all others."""
    state = Slack(answers=deque(answers))

    class _Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with state.lock:
                state.calls += 1
                script = state.answers.popleft() if state.answers else takes
            if self.path != "/api/chat.postMessage":
                script = refuses("unknown_method")
            with suppress(OSError):
                script(Call(state, body, token, self))
            self.close_connection = True

        def handle(self) -> None:
            with suppress(OSError, ValueError):  # reset on purpose
                super().handle()

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
            pass

    class _Listening(ThreadingHTTPServer):
        daemon_threads = False

    with _Listening(("127.0.0.1", 0), _Request) as listening:
        state.url = f"http://127.0.0.1:{listening.server_port}/api/"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            listening.shutdown()
            thread.join()
