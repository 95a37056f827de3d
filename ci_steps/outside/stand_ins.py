"""A port of ours in the place of another one: it refuses, or hands answers on slowly."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_HOST = "127.0.0.1"
_CHUNK_BYTES = 65_536
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Slowness:
    """How late each answer is, and how fast it comes; 0 bytes a second is no limit."""

    delay_seconds: float
    bytes_per_second: int

    def wait(self, size: int, *, begins: bool) -> None:
        """Wait for as long as it takes."""
        seconds = self.delay_seconds if begins else 0.0
        time.sleep(seconds + (size / self.bytes_per_second if self.bytes_per_second else 0.0))


@contextmanager
def refusing() -> Iterator[int]:
    """Return a port that refuses: it is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind((_HOST, 0))
        yield int(taken.getsockname()[1])


@contextmanager
def slow(host: str, port: int, slowness: Slowness) -> Iterator[int]:
    """Return a port that hands on to another one, and answers of it slowly."""

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            """Hand on in both directions until one side closes."""
            with suppress(OSError), socket.create_connection((host, port), _CONNECT_SECONDS) as to:
                to.settimeout(None)
                _relay(self.request, to, slowness)

    with _Server((_HOST, 0), Relay) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def _relay(client: socket.socket, to: socket.socket, slowness: Slowness) -> None:
    asked = threading.Event()
    asked.set()  # who speaks first may be the one that answers
    up = threading.Thread(target=_hand_on, args=(client, to, asked), daemon=True)
    up.start()
    while content := to.recv(_CHUNK_BYTES):
        slowness.wait(len(content), begins=asked.is_set())
        asked.clear()
        client.sendall(content)


def _hand_on(client: socket.socket, to: socket.socket, asked: threading.Event) -> None:
    with suppress(OSError):
        while content := client.recv(_CHUNK_BYTES):
            asked.set()
            to.sendall(content)
        to.shutdown(socket.SHUT_WR)
