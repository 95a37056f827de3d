"""mail: accepts messages and lists them; for a shop that is an example, nothing is sent."""

import itertools
import json
import os
import signal
import threading
from collections import deque
from datetime import datetime, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

VERSION = Path(__file__).with_name("VERSION").read_text(encoding="utf-8").strip()
COMMIT = os.environ.get("CI_STEPS_COMMIT", "")
BODY_DIGITS = 5  # a body has at most 99,999 bytes
KEPT = 1000  # messages; the oldest goes first


class RefusedError(Exception):
    """A request that gets no result: the status and the sentence the caller reads."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Outbox:
    """The newest messages, in memory."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._messages: deque[dict[str, object]] = deque(maxlen=KEPT)

    def accept(self, to: str, subject: str, body: str) -> dict[str, object]:
        accepted = datetime.now(timezone.utc).isoformat(timespec="seconds")
        message = {"id": next(self._ids), "to": to, "subject": subject, "body": body}
        self._messages.append(message | {"accepted": accepted})
        return message | {"accepted": accepted}

    def messages(self, to: str = "") -> list[dict[str, object]]:
        return [m for m in self._messages.copy() if to in {"", m["to"]}]

    def message(self, message_id: str) -> dict[str, object]:
        for message in self.messages():
            if str(message["id"]) == message_id:
                return message
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no message {message_id}")


def accept(outbox: Outbox, body: bytes) -> dict[str, object]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    match message:
        case {"to": str(to), "subject": str(subject), "body": str(text)} if "@" in to:
            return outbox.accept(to, subject, text)
    raise RefusedError(HTTPStatus.BAD_REQUEST, "to (an address), subject and body are needed")


def answer(outbox: Outbox, method: str, target: str, body: bytes) -> tuple[HTTPStatus, object]:
    url = urlsplit(target)
    match method, *url.path.split("/")[1:]:
        case "GET", "healthz":
            return HTTPStatus.OK, "ok"
        case "GET", "version":
            return HTTPStatus.OK, {"service": "mail", "version": VERSION, "commit": COMMIT}
        case "POST", "messages":
            return HTTPStatus.CREATED, accept(outbox, body)
        case "GET", "messages":
            return HTTPStatus.OK, outbox.messages(*parse_qs(url.query).get("to", [])[:1])
        case "GET", "messages", message_id:
            return HTTPStatus.OK, outbox.message(message_id)
    raise RefusedError(HTTPStatus.NOT_FOUND, "there is nothing here")


class Handler(BaseHTTPRequestHandler):
    timeout = 3  # seconds; a silent caller must not keep the service from stopping
    outbox = Outbox()

    def do_GET(self) -> None:
        try:
            status, content = answer(self.outbox, self.command, self.path, self._body())
        except RefusedError as refused:
            status, content = refused.status, {"error": str(refused)}
        text = isinstance(content, str)
        encoded = (content if text else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if text else "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def do_POST(self) -> None:
        self.do_GET()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length") or "0"
        if len(length) > BODY_DIGITS or not length.isdecimal():
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        return self.rfile.read(int(length))


def main() -> None:
    """Serve until SIGTERM; requests under way are finished."""
    address = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    with ThreadingHTTPServer(address, Handler) as server:
        server.daemon_threads = False  # leaving the block then waits for requests under way
        # shutdown() waits for the loop this very thread runs, so another thread calls it.
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()


if __name__ == "__main__":
    main()
