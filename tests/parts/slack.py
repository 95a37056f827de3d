"""Slack's web API as its documentation describes it, over real HTTP on this machine.

Known are auth.test, chat.postMessage, chat.update, chat.getPermalink, reactions.get, and of
conversations .history, .replies, .list and .open: with threads, metadata, pages, and what
each of them refuses.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "xoxb-not-a-real-token"
# The first message is posted then, and each of the others a microsecond later.
BEGAN = 1_511_430_067

Script = Callable[["Call"], None]


@dataclass
class Slack:
    """Where it listens, what it has posted, and how it answers the next calls.

    `answers` are for the next posts and changes, `looks` for the next questions. `fault`, if
    there is one, chooses for every call instead. `calls` counts posts and changes; `names` are
    the channels that somebody wanted to post to, and all of them are there. `reactions` are
    the names of those to messages, by their timestamps.
    """

    url: str = ""
    token: str = TOKEN
    posted: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    calls: int = 0
    names: set[str] = field(default_factory=set)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    answers: deque[Script] = field(default_factory=deque)
    looks: deque[Script] = field(default_factory=deque)
    fault: Callable[[Call], Script | None] = lambda call: None
    clock: Callable[[], float] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keys(self) -> list[str]:
        """Return the keys of what was posted; one that is there twice was posted twice."""
        return [key_of(one) for one in self.posted]

    def channel(self, address: str) -> str:
        """Return the id of a channel, made from its name."""
        if not address.startswith("#"):
            return address
        return ("C0" + "".join(filter(str.isalnum, address)).upper()).ljust(9, "0")


@dataclass
class Call:
    """One call; a script answers it."""

    slack: Slack
    method: str
    body: dict[str, Any]
    token: str
    _request: BaseHTTPRequestHandler

    def post(self) -> str:
        """Put the message into the channel, or change it there, and return its timestamp."""
        with self.slack.lock:
            if self.method == "chat.update":
                self.slack.updates.append(self.body)
                return str(self.body["ts"])
            self.slack.posted.append(self.body)
            began = self.slack.clock() if self.slack.clock else BEGAN
            ts = f"{began + len(self.slack.posted) / 1_000_000:.6f}"
            self.body["_ts"] = ts
            return ts

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self._request.send_response(status)
        for name, value in headers.items():
            self._request.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self._request.send_header("Content-Length", str(len(body)))
        self._request.end_headers()
        self._request.wfile.write(body)

    def say(self, **document: Any) -> None:
        content = json.dumps({"ok": True, **document}).encode()
        self.answer(200, content, Content_Type="application/json")

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self._request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._request.connection.close()


def key_of(body: dict[str, Any]) -> str:
    """Return the key of one of our messages."""
    return str(body["metadata"]["event_payload"]["key"])


def takes(call: Call) -> None:
    """Do what is asked, unless the token is wrong."""
    if call.token != call.slack.token:
        return refuses("invalid_auth")(call)
    return _METHODS.get(call.method, refuses("unknown_method"))(call)


def _posts(call: Call) -> None:
    channel = call.slack.channel(str(call.body["channel"]))
    call.say(channel=channel, ts=call.post())


def _history(call: Call) -> None:
    """Return the newest first; answers are in their threads and not in the channel."""
    found = [one for one in _within(call) if "thread_ts" not in one]
    _page(call, "messages", [_shown(call, one) for one in reversed(found)])


def _replies(call: Call) -> None:
    ts = call.body.get("ts")
    with call.slack.lock:
        if not any(one["_ts"] == ts for one in call.slack.posted):
            return refuses("thread_not_found")(call)
    found = [one for one in _within(call) if ts in (one.get("thread_ts"), one["_ts"])]
    return _page(call, "messages", [_shown(call, one) for one in found])


def _within(call: Call) -> list[dict[str, Any]]:
    slack, oldest = call.slack, float(call.body.get("oldest", 0))
    with slack.lock:
        return [
            one
            for one in slack.posted
            if slack.channel(str(one["channel"])) == call.body["channel"]
            and float(one["_ts"]) > oldest
        ]


def _shown(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    shown = {"type": "message", "text": body["text"], "ts": body["_ts"]}
    if call.body.get("include_all_metadata") == "true":
        shown["metadata"] = body["metadata"]
    return shown


def _list(call: Call) -> None:
    slack = call.slack
    with slack.lock:
        known = sorted(name for name in slack.names if name.startswith("#"))
    _page(call, "channels", [{"id": slack.channel(one), "name": one[1:]} for one in known])


def _page(call: Call, name: str, found: list[dict[str, Any]]) -> None:
    begin = int(call.body.get("cursor") or 0)
    end = begin + int(call.body.get("limit", 100))
    following = str(end) if end < len(found) else ""
    call.say(**{name: found[begin:end]}, response_metadata={"next_cursor": following})


def _permalink(call: Call) -> None:
    channel, ts = call.body["channel"], str(call.body["message_ts"]).replace(".", "")
    call.say(channel=channel, permalink=f"https://shop.slack.example/archives/{channel}/p{ts}")


def _open(call: Call) -> None:
    call.say(channel={"id": "D0" + str(call.body["users"])[1:]})


def _reactions(call: Call) -> None:
    """Name the reactions; a message without any has no such key."""
    ts = str(call.body["timestamp"])
    names = call.slack.reactions.get(ts, [])
    found = [{"name": name, "users": ["U0SOMEBODY"], "count": 1} for name in names]
    call.say(type="message", message={"ts": ts, **({"reactions": found} if found else {})})


_METHODS: dict[str, Script] = {
    "auth.test": lambda call: call.say(user="ci-steps", team="shop"),
    "chat.postMessage": _posts,
    "chat.update": _posts,
    "chat.getPermalink": _permalink,
    "reactions.get": _reactions,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "conversations.list": _list,
    "conversations.open": _open,
}
WRITING = frozenset({"chat.postMessage", "chat.update"})
_TAKE_JSON = WRITING | {"conversations.open"}


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


def after_posting(script: Script) -> Script:
    """Post, and then answer as if nothing had been."""

    def answer(call: Call) -> None:
        call.post()
        script(call)

    return answer


def hangs(seconds: float) -> Script:
    """Answer nothing for longer than anybody waits."""

    def answer(call: Call) -> None:
        time.sleep(seconds)  # what hangs is this
        call.reset()

    return answer


class _Request(BaseHTTPRequestHandler):
    state: Slack

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        method = urlsplit(self.path).path.removeprefix("/api/")
        kind = self.headers.get("Content-Type", "")
        is_json = bool(content) and kind.startswith("application/json")
        body = json.loads(content) if is_json else dict(parse_qsl(content.decode()))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(self.state, method, body, token, self)
        script = self._script(call)
        # https://docs.slack.dev/apis/web-api: methods that read take no JSON.
        if is_json and method not in _TAKE_JSON:
            script = refuses("invalid_arguments")
        with suppress(OSError):
            script(call)
        self.close_connection = True

    def _script(self, call: Call) -> Script:
        state = self.state
        with state.lock:
            prepared = state.answers
            if call.method in WRITING:
                state.calls += 1
                state.names |= {str(call.body["channel"])} - {state.channel(call.body["channel"])}
            else:
                state.asked.append((call.method, call.body))
                prepared = state.looks
            script = prepared.popleft() if prepared else state.fault(call)
        return script or takes

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


@contextmanager
def slack(*answers: Script) -> Iterator[Slack]:
    """Answer the first calls as given, and take all others."""
    state = Slack(answers=deque(answers))
    request = type("_Request", (_Request,), {"state": state})
    with _Listening(("127.0.0.1", 0), request) as listening:
        state.url = f"http://127.0.0.1:{listening.server_port}/api/"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            listening.shutdown()
            thread.join()
