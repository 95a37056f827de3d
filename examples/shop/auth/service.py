"""auth: users log in and get a token; other services ask whom a token belongs to."""

import hmac
import json
import os
import re
import secrets
import signal
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

VERSION = Path(__file__).with_name("VERSION").read_text(encoding="utf-8").strip()
COMMIT = os.environ.get("CI_STEPS_COMMIT", "")
TOKEN_SECONDS = 3600
BODY_DIGITS = 5  # a body has at most 99,999 bytes

# Made up for the example; a real shop keeps salted hashes in a database.
PASSWORDS = {"web": "web-demo", "surveyor": "surveyor-demo", "courier": "courier-demo"}
USERS = {
    "web": {"id": "web", "name": "The shop window", "roles": "reader"},
    "surveyor": {"id": "surveyor", "name": "Surveyor", "roles": "reader,editor"},
    "courier": {"id": "courier", "name": "Courier", "roles": "sender"},
}


class RefusedError(Exception):
    """A request that gets no result: the status and the sentence the caller reads."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Tokens:
    """Who holds which token, in memory: a restart signs everybody out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, tuple[str, float]] = {}

    def issue(self, user: str) -> str:
        token, now = secrets.token_urlsafe(24), self._clock()
        with self._lock:
            self._issued = {t: held for t, held in self._issued.items() if held[1] > now}
            self._issued[token] = (user, now + TOKEN_SECONDS)
        return token

    def holder(self, token: str) -> str:
        with self._lock:
            user, ends = self._issued.get(token, ("", 0.0))
        if not user or ends <= self._clock():
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "the token is unknown or has expired")
        return user


def log_in(tokens: Tokens, body: bytes) -> dict[str, object]:
    try:
        login = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    match login:
        case {"user": str(user), "password": str(password)}:
            expected = PASSWORDS.get(user, "").encode()
            given = password.encode(errors="replace")
            if expected and hmac.compare_digest(given, expected):
                return {"token": tokens.issue(user), "expires_in": TOKEN_SECONDS}
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "the user or the password is wrong")
    raise RefusedError(HTTPStatus.BAD_REQUEST, "user and password are needed, both as text")


def answer(tokens: Tokens, method: str, target: str, body: bytes) -> tuple[HTTPStatus, object]:
    match method, *map(unquote, urlsplit(target).path.split("/")[1:]):
        case "GET", "healthz":
            return HTTPStatus.OK, "ok"
        case "GET", "version":
            return HTTPStatus.OK, {"service": "auth", "version": VERSION, "commit": COMMIT}
        case "POST", "v1", "login":
            return HTTPStatus.OK, log_in(tokens, body)
        case "GET", "v1", "tokens", token:
            user = USERS[tokens.holder(token)]
            return HTTPStatus.OK, {"user": user["id"], "roles": user["roles"]}
        case "GET", "v1", "users", user_id if user_id in USERS:
            return HTTPStatus.OK, USERS[user_id]
    raise RefusedError(HTTPStatus.NOT_FOUND, "there is nothing here")


class Handler(BaseHTTPRequestHandler):
    timeout = 3  # seconds; a silent caller must not keep the service from stopping
    tokens = Tokens()

    def do_GET(self) -> None:
        try:
            status, content = answer(self.tokens, self.command, self.path, self._body())
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

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        line = re.sub(r"(/tokens/)[^ ]+", r"\1***", self.requestline)  # a token is a secret
        self.log_message('"%s" %s %s', line, int(code), size)


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
