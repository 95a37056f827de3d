"""Small real services that behave as a test wants, and what is left of them afterwards."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from ci_steps.protocols import Build
from ci_steps.versions import parse_version

COMMAND = (sys.executable, "service.py")

_SOURCE = """\
import json, os, signal, sys, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = os.environ.get("SAYS") or Path("VERSION").read_text()
BEHAVIOUR = os.environ.get("BEHAVIOUR", "")
asked = 0
worked = {200: 0, 500: 0, 502: 0}
METRIC = 'http_requests_total{version="%s",code="%d"} %d\\n'


# Who needs auth asks it; who is spoiled does badly.
def work():
    provider = os.environ.get("CI_STEPS_ADDRESS_AUTH")
    if BEHAVIOUR == "spoiled":
        return 500
    try:
        if provider:
            urllib.request.urlopen(provider + "/work", timeout=5).close()
    except OSError:
        return 502
    return 200


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def do_GET(self):
        global asked, BEHAVIOUR
        status, text = 200, "ok"
        if self.path == "/healthz":
            status = 503 if BEHAVIOUR == "unhealthy" else 200
        elif self.path == "/version":
            asked += 1
            text = json.dumps({"version": VERSION})
            if BEHAVIOUR == "html":
                text = "<html>welcome</html>"
            elif BEHAVIOUR == "plain":
                text = VERSION
            elif BEHAVIOUR == "die":
                print("out of memory", flush=True)
                os._exit(3)
            elif BEHAVIOUR == "brief":
                threading.Timer(0.3, os._exit, (3,)).start()
            elif BEHAVIOUR == "fickle" and asked > 1:
                text = json.dumps({"version": "0.0.1"})
        elif self.path == "/work":
            status = work()
            worked[status] += 1
        elif self.path == "/spoil":
            BEHAVIOUR = "spoiled"
        elif self.path == "/metrics":
            text = "".join(METRIC % (VERSION, code, count) for code, count in worked.items())
        elif self.path == "/environment":
            text = json.dumps(dict(os.environ))
        elif self.path == "/slow":
            time.sleep(0.5)
            text = VERSION
        elif self.path == "/crash":
            os._exit(4)
        elif self.path == "/pid":
            text = str(os.getpid())
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if BEHAVIOUR == "broken":
    sys.exit("no module named flask")
if BEHAVIOUR == "loud":
    for _ in range(100):
        os.write(1, (b"x" * 99 + b"\\n") * 10_000)
    print("done", flush=True)
if BEHAVIOUR == "hostile":
    print("::error::\\x1b[31mowned", flush=True)
    sys.exit(1)
if BEHAVIOUR == "late":
    time.sleep(0.5)
server = ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler)
if BEHAVIOUR == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    server.daemon_threads = False
    signal.signal(
        signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start()
    )
server.serve_forever(poll_interval=0.02)
server.server_close()
"""


def source() -> str:
    """Return the service's program."""
    return _SOURCE


def build(folder: Path, version: str, commit: str = "4f1c2aa") -> Build:
    """Write a service called auth into *folder*; it says *version* of itself."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "service.py").write_text(_SOURCE)
    (folder / "VERSION").write_text(version)
    return Build("auth", parse_version(version), commit, folder)


def processes_in(folder: Path) -> dict[int, str]:
    """Return the processes that work in *folder* or below, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            here = (entry / "cwd").readlink()
            if entry.name.isdigit() and folder in [here, *here.parents]:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if command:  # a process that has ended and is not yet fetched has none
                    found[int(entry.name)] = command
    return found


def await_end(folder: Path, seconds: float = 10) -> dict[int, str]:
    """Return what still runs in *folder* when all should have ended."""
    deadline = time.monotonic() + seconds
    while (left := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def end_all(folder: Path) -> None:
    """End whatever runs in *folder*."""
    for pid in processes_in(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, 9)
