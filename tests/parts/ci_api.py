"""A small stand-in for the API of a CI host: it keeps comments and deployments over real HTTP."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_COMMENTS = re.compile(r"/repos/shop/auth/issues/7/comments|/projects/17/merge_requests/7/notes")
_ONE = re.compile(r"/repos/shop/auth/issues/comments/\d+|/projects/17/merge_requests/7/notes/\d+")


@dataclass
class CiApi:
    """Where it listens and what it holds; a *refusal* is its answer to every change."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refusal: tuple[int, str] | None = None

    def answer(self, method: str, path: str, document: dict[str, Any]) -> tuple[int, Any]:
        route, _, query = path.partition("?")
        if method == "GET" and _COMMENTS.fullmatch(route):
            number = int(re.findall(r"&page=(\d+)", query)[0])
            return 200, self.comments[(number - 1) * 100 : number * 100]
        if self.refusal:
            return self.refusal[0], {"message": self.refusal[1]}
        if method in {"PATCH", "PUT"} and _ONE.fullmatch(route):
            self.comments[int(route.rpartition("/")[2]) - 1] |= document
            return 200, {}
        return self._added(route, document) if method == "POST" else (404, {"message": "Not Found"})

    def _added(self, route: str, document: dict[str, Any]) -> tuple[int, Any]:
        if _COMMENTS.fullmatch(route):
            self.comments.append({"id": len(self.comments) + 1, **document})
            return 201, self.comments[-1]
        if route == "/repos/shop/auth/deployments":
            self.deployments.append(document)
            return 201, {"id": 42}
        assert route == "/repos/shop/auth/deployments/42/statuses"
        self.states.append(document)
        return 201, {}


@contextmanager
def ci_api() -> Iterator[CiApi]:
    """Serve one until the block ends."""
    api = CiApi()

    class _Request(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length) or b"{}")
            for name in ("Authorization", "PRIVATE-TOKEN"):
                api.tokens.add(self.headers.get(name, ""))
            status, found = api.answer(self.command, self.path, document)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Request)
    api.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
