"""Stands in for the network of a cluster: connections to pods arrive at a socket of this machine.

An API server opens them as through a proxy of HTTP, so that no address of a pod has to exist.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer


class _Network(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def network(path: Path, answer: Callable[[str, str], str | None]) -> Iterator[None]:
    """Let *answer* say what the pod at ``address:port`` answers for a path; None: no such pod."""

    class _Connection(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        place = ""

        def do_CONNECT(self) -> None:
            self.place = self.path
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            text = answer(self.place, self.path)
            body = (text or "").encode()
            self.send_response(502 if text is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with _Network(str(path), _Connection) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            listening.shutdown()
            thread.join()
