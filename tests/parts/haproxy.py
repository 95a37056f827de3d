"""A real HAProxy in front of a real server."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.parts.http import says, serving
from tests.parts.ports import free_port

_DEADLINE_SECONDS = 20
_SETTINGS = """\
global
    stats socket {folder}/admin.sock mode 600 level admin
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend callers
    bind 127.0.0.1:{port}
    use_backend auth if {{ path_beg {path} }}
backend auth
    server v1 {v1} check inter 100ms weight 100
    server v2 {v2} check inter 100ms weight 0
"""


@dataclass(frozen=True)
class Haproxy:
    """Where callers reach it, and its runtime socket."""

    address: str
    socket: Path

    def call(self) -> None:
        """Call line 1 of auth."""
        with urlopen(f"{self.address}/v1/tokens", timeout=5) as answer:
            answer.read()


@contextmanager
def haproxy() -> Iterator[Haproxy]:
    """Start an HAProxy in front of one server for both lines, and yield where it is."""
    with serving(says("ok")) as server, haproxy_before(server.address, server.address) as found:
        yield found


@contextmanager
def haproxy_before(
    v1: str, v2: str, path: str = "/v1", folder: Path | None = None
) -> Iterator[Haproxy]:
    """Start an HAProxy whose backend auth has a server for each of two addresses."""
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not here: what it answers about calls was not proven")
    # Not below pytest's folders: a socket's path may have 107 characters.
    folder = folder or Path(tempfile.mkdtemp(prefix="ci-steps-"))
    try:
        settings, port = folder / "haproxy.cfg", free_port()
        at = {"v1": v1.removeprefix("http://"), "v2": v2.removeprefix("http://")}
        settings.write_text(_SETTINGS.format(folder=folder, port=port, path=path, **at))
        with subprocess.Popen(["haproxy", "-db", "-q", "-f", settings]) as run:
            try:
                found = Haproxy(f"http://127.0.0.1:{port}", folder / "admin.sock")
                _await(found)
                yield found
            finally:
                run.terminate()
    finally:
        shutil.rmtree(folder)


def _await(started: Haproxy) -> None:
    """Poll: it tells nobody that it is ready; the address that is asked reaches no backend."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < end:
        if started.socket.exists():
            with suppress(ConnectionError, TimeoutError), suppress(OSError):
                urlopen(f"{started.address}/", timeout=5).close()
            return
        time.sleep(0.02)
    raise AssertionError("haproxy did not start")
