"""Stands in for the machines of a cluster: pods become ready, and somebody answers for them.

The name of an image says what the service in it says of itself, in hexadecimal digits, and the
variable BEHAVIOUR how it behaves.
"""

from __future__ import annotations

import itertools
import json
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.parts.http import Exchange, serving
from tests.parts.kubernetes.network import network

_EVERY_SECONDS = 0.1
_BRIEF_SECONDS = 0.5


def image_that_says(text: str) -> str:
    """Return the name of an image whose service says *text* of itself."""
    return f"registry.example/says-{text.encode().hex() or 'nothing'}"


@dataclass
class Machines:
    """What runs on them; `address` is that of a balancer before the pods of every slot."""

    url: str
    token: str
    socket: Path
    address: str = ""
    _since: dict[str, float] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def running(self) -> Iterator[Machines]:
        """Look after the pods until the block ends."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(_EVERY_SECONDS):
                with suppress(OSError):
                    for pod in self._pods():
                        self._look_after(pod)

        with serving(self._answer) as server, network(self.socket, self._answer_of):
            self.address = server.address
            thread = threading.Thread(target=look)
            thread.start()
            try:
                yield self
            finally:
                over.set()
                thread.join()

    def pods(self) -> list[str]:
        """Return the names of all pods."""
        return [pod["metadata"]["name"] for pod in self._pods()]

    def _pods(self) -> list[Any]:
        found: list[Any] = self._call("GET", "/api/v1/namespaces/default/pods")["items"]
        return found

    def _look_after(self, pod: Any) -> None:
        name, behaviour = pod["metadata"]["name"], _behaviour(pod)
        age = time.monotonic() - self._since.setdefault(name, time.monotonic())
        is_missing = "says-6d697373696e67" in pod["spec"]["containers"][0]["image"]
        if is_missing:
            self._set(pod, "False", {"waiting": {"reason": "ErrImagePull", "message": "not found"}})
        elif behaviour == "broken" or (behaviour == "brief" and age > _BRIEF_SECONDS):
            waits = {"reason": "CrashLoopBackOff", "message": "back-off restarting"}
            self._set(pod, "False", {"waiting": waits}, restarts=1)
        elif behaviour != "late" or age > _BRIEF_SECONDS:
            self._set(pod, "True", {"running": {}})

    def _set(self, pod: Any, ready: str, state: dict[str, Any], restarts: int = 0) -> None:
        container = pod["spec"]["containers"][0]
        status = {
            "phase": "Running",
            "podIP": self._address(pod["metadata"]["name"]),
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": container["image"],
                    "ready": ready == "True",
                    "restartCount": restarts,
                    "state": state,
                }
            ],
        }
        before = pod.get("status", {}).get("containerStatuses")
        if (
            before
            and before[0]["ready"] == (ready == "True")
            and before[0]["state"].keys() == state.keys()
        ):
            return
        path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}/status"
        self._call("PATCH", path, {"status": status})

    def _answer(self, exchange: Exchange) -> None:
        """Answer ``/SLOT/version`` as one of the slot's ready pods would."""
        slot = exchange.path.split("/")[1]
        ready = [
            pod
            for pod in self._pods()
            if pod["metadata"]["labels"].get("slot") == slot and _is_ready(pod)
        ]
        if not ready:
            exchange.reset()
            return
        pod = ready[next(self._turn) % len(ready)]
        exchange.answer(200, {}, json.dumps({"version": _says(pod)}).encode())

    def _address(self, name: str) -> str:
        return self._addresses.setdefault(name, f"10.1.0.{len(self._addresses) + 1}")

    def _answer_of(self, place: str, path: str) -> str | None:
        """Answer as the pod at an address does, at port 8080 and nowhere else."""
        address, _, port = place.rpartition(":")
        for pod in self._pods():
            here = pod.get("status", {}).get("podIP") == address
            if here and (port, path) == ("8080", "/version"):
                return json.dumps({"version": _says(pod)})
        return None

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/strategic-merge-patch+json",
            },
        )
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return json.load(answer)


def _says(pod: Any) -> str:
    name = pod["spec"]["containers"][0]["image"].partition("says-")[2]
    says = bytes.fromhex(name.partition("@")[0].partition(":")[0]).decode()
    return says or str(pod["metadata"]["labels"]["app.kubernetes.io/version"])


def _behaviour(pod: Any) -> str:
    variables = {one["name"]: one.get("value", "") for one in pod["spec"]["containers"][0]["env"]}
    return str(variables.get("BEHAVIOUR", ""))


def _is_ready(pod: Any) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")
