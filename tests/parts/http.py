"""A real HTTP server on this machine whose answers a test writes down."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Script = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One question as the server sees it; a script answers it."""

    path: str
    headers: Mapping[str, str]
    ended: threading.Event
    method: str
    _request: BaseHTTPRequestHandler

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._request.send_response(status)
        for name, value in headers.items():
            self._request.send_header(name, value)
        self._request.send_header("Content-Length", str(len(body)))
        self._request.end_headers()
        self._request.wfile.write(body)

    def write(self, raw: bytes) -> None:
        """Write bytes as they are, status line included."""
        self._request.wfile.write(raw)
        self._request.wfile.flush()

    def reset(self) -> None:
        """Close so that the other side sees a reset instead of an end."""
        linger = struct.pack("ii", 1, 0)
        self._request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._request.connection.close()


@dataclass
class Server:
    """Where it listens, and the paths it was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)
    seen_headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def serving(
    script: Script, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Answer every request as *script* says, until the block ends."""
    ended = threading.Event()

    class _Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            server.seen_headers.append(dict(self.headers))
            with suppress(OSError):  # the other side has had enough
                script(Exchange(self.path, dict(self.headers), ended, self.command, self))
            self.close_connection = True

        def do_PUT(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            self.do_GET()

        def handle(self) -> None:
            with suppress(OSError, ValueError):  # reset on purpose
                super().handle()

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with _Listening((host, port), _Request) as listening:
        if tls:
            listening.socket = tls.wrap_socket(listening.socket, server_side=True)
        server = Server(f"http{'s' if tls else ''}://{host}:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            listening.shutdown()
            thread.join()


class _Listening(ThreadingHTTPServer):
    request_queue_size = 128
    # Leaving the block waits for all requests, so nothing of a test outlives it.
    daemon_threads = False


def says(body: str | bytes, *, status: int = 200, **headers: str) -> Script:
    """Answer with *body*; ``content_type`` is written ``Content-Type``."""
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda exchange: exchange.answer(status, named, content)


def says_json(document: object) -> Script:
    """Answer with a JSON document."""
    return says(json.dumps(document), content_type="application/json")


def says_nothing(exchange: Exchange) -> None:
    """Take the question and never answer."""
    exchange.ended.wait()


def hangs_up(exchange: Exchange) -> None:
    """Reset the connection instead of answering."""
    exchange.reset()


def drips(head: bytes, seconds: float = 0.02) -> Script:
    """Write *head*, then one byte after the other without end, each within any limit."""

    def script(exchange: Exchange) -> None:
        exchange.write(head)
        while not exchange.ended.wait(seconds):
            exchange.write(b"1")

    return script


def waits_for(count: int, then: Script) -> Script:
    """Answer only when *count* questions wait at the same time."""
    together = threading.Barrier(count)

    def script(exchange: Exchange) -> None:
        together.wait(timeout=20)
        then(exchange)

    return script
