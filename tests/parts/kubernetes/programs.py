"""Runs what the pods of services are made of: a commit of each repository, as a process."""

from __future__ import annotations

import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.parts.ports import free_port

_COMMIT = "ci-steps.io/commit"
_BYTES = 65_536


@dataclass(frozen=True)
class Program:
    """A process, the port it listens on, and what it prints."""

    place: tuple[str, str]
    process: subprocess.Popen[bytes]
    port: int
    output: Path

    def answers(self) -> bool:
        """Return whether it says that it is well."""
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            return True
        return False


@dataclass
class Programs:
    """The processes of the pods whose service has a repository in *folder*."""

    folder: Path
    _running: dict[str, Program] = field(default_factory=dict)
    _well: set[str] = field(default_factory=set)

    @contextmanager
    def answering(self, ports: Mapping[tuple[str, str], int]) -> Iterator[Programs]:
        """Answer at a port for a service in an environment, as the balancer of a cluster does."""
        with ExitStack() as listening:
            for place, port in ports.items():
                front = _Front(port, partial(self._ready, *place))
                server = listening.enter_context(front)
                listening.callback(server.shutdown)
                threading.Thread(target=server.serve_forever, args=(0.05,)).start()
            try:
                yield self
            finally:
                self.keep(())

    def status(self, pod: Any) -> dict[str, Any]:
        """Return what is said of the container of a pod, which is started if need be."""
        name = pod["metadata"]["name"]
        if name not in self._running:
            self._running[name] = self._started(pod)
        program = self._running[name]
        if program.process.poll() is not None:
            said = program.output.read_text()[-1000:]
            ended = {"exitCode": program.process.returncode, "reason": "Error", "message": said}
            waits = {"reason": "CrashLoopBackOff", "message": "back-off restarting"}
            state = {"state": {"waiting": waits}, "lastState": {"terminated": ended}}
            return {"ready": False, "restartCount": 1, **state}
        if name not in self._well and program.answers():
            self._well.add(name)
        return {"ready": name in self._well, "restartCount": 0, "state": {"running": {}}}

    def keep(self, names: Collection[str]) -> None:
        """End the processes of all other pods."""
        for name in set(self._running) - set(names):
            program = self._running.pop(name)
            program.process.terminate()
            program.process.wait()

    def _ready(self, service: str, environment: str) -> int:
        """Return the port of a pod that answers, or 0."""
        ports = [
            program.port
            for name, program in list(self._running.items())
            if program.place == (service, environment) and name in self._well
        ]
        return ports[-1] if ports else 0

    def _started(self, pod: Any) -> Program:
        container, facts = pod["spec"]["containers"][0], pod["metadata"]
        commit = facts["annotations"][_COMMIT]
        repository = self.folder / container["name"]
        where, port = Path(tempfile.mkdtemp(dir=self.folder)), free_port()
        packed = subprocess.run(
            ["git", "archive", commit], cwd=repository, check=True, capture_output=True
        )
        subprocess.run(["tar", "--extract"], cwd=where, input=packed.stdout, check=True)
        told = {one["name"]: one.get("value", "") for one in container["env"]}
        environ = {"PATH": os.environ["PATH"], "PORT": str(port), **told}
        output = where / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "service.py"], cwd=where, env=environ, stdout=file, stderr=file
            )
        place = (container["name"], told["CI_STEPS_ENVIRONMENT"])
        return Program(place, process, port, output)


class _Front(socketserver.ThreadingTCPServer):
    """Forwards each connection to whoever *chosen* says, or ends it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, chosen: Callable[[], int]) -> None:
        self.chosen = chosen
        super().__init__(("127.0.0.1", port), _Forward)


class _Forward(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        port = self.server.chosen()  # type: ignore[attr-defined]
        if not port:
            return
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as there:
            back = threading.Thread(target=_copy, args=(there, self.request))
            back.start()
            _copy(self.request, there)
            back.join()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while received := one.recv(_BYTES):
            other.sendall(received)
        other.shutdown(socket.SHUT_WR)
