"""Stands in for the machines of a cluster: pods become ready, and somebody answers for them.

The name of an image says what the service in it says of itself, in hexadecimal digits, and the
variable BEHAVIOUR how it behaves.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.parts.http import Exchange, serving
from tests.parts.kubernetes.api import Api
from tests.parts.kubernetes.network import network
from tests.parts.kubernetes.programs import Programs
from tests.parts.kubernetes.watching import watching

_EVERY_SECONDS = 0.1
_BRIEF_SECONDS = 0.5


def image_that_says(text: str) -> str:
    """Return the name of an image whose service says *text* of itself."""
    return f"registry.example/says-{text.encode().hex() or 'nothing'}"


@dataclass
class Machines:
    """What runs on them; `address` is that of a balancer before the pods of every slot."""

    api: Api
    socket: Path
    address: str = ""
    programs: Programs | None = None
    _since: dict[str, float] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def running(self) -> Iterator[Machines]:
        """Look after the pods until the block ends."""
        with serving(self._answer) as server, network(self.socket, self._answer_of):
            self.address = server.address
            try:
                with watching(lambda: self._look_after(self._pods()), _EVERY_SECONDS):
                    yield self
            finally:
                self.api.close()

    @contextmanager
    def running_programs(
        self, programs: Programs, ports: Mapping[tuple[str, str], int]
    ) -> Iterator[None]:
        """Run the pods of services as processes, which answer at *ports*."""
        with programs.answering(ports):
            self.programs = programs
            try:
                yield
            finally:
                self.programs = None

    def pods(self) -> list[str]:
        """Return the names of all pods."""
        return [pod["metadata"]["name"] for pod in self._pods()]

    def _pods(self) -> list[Any]:
        found: list[Any] = self.api.get("/api/v1/namespaces/default/pods")["items"]
        return found

    def _look_after(self, pods: Sequence[Any]) -> None:
        programs = self.programs
        if programs:
            programs.keep({pod["metadata"]["name"] for pod in pods})
        for pod in pods:
            said = programs.status(pod) if programs else self._pretended(pod)
            if said:
                self._set(pod, said)

    def _pretended(self, pod: Any) -> dict[str, Any]:
        """Return what is said of the container of a pod that nobody runs, if anything."""
        name, behaviour = pod["metadata"]["name"], _behaviour(pod)
        age = time.monotonic() - self._since.setdefault(name, time.monotonic())
        is_missing = "says-6d697373696e67" in pod["spec"]["containers"][0]["image"]
        if is_missing:
            waits = {"reason": "ErrImagePull", "message": "not found"}
            return {"ready": False, "restartCount": 0, "state": {"waiting": waits}}
        if behaviour == "broken" or (behaviour == "brief" and age > _BRIEF_SECONDS):
            waits = {"reason": "CrashLoopBackOff", "message": "back-off restarting"}
            return {"ready": False, "restartCount": 1, "state": {"waiting": waits}}
        if behaviour != "late" or age > _BRIEF_SECONDS:
            return {"ready": True, "restartCount": 0, "state": {"running": {}}}
        return {}

    def _set(self, pod: Any, said: dict[str, Any]) -> None:
        (before,) = pod.get("status", {}).get("containerStatuses", [None])
        if before and (before["ready"], *before["state"]) == (said["ready"], *said["state"]):
            return
        container = pod["spec"]["containers"][0]
        image = {"name": container["name"], "image": container["image"]}
        status = {
            "phase": "Running",
            "podIP": self._address(pod["metadata"]["name"]),
            "conditions": [{"type": "Ready", "status": str(said["ready"])}],
            "containerStatuses": [{**image, "imageID": container["image"], **said}],
        }
        path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}/status"
        self.api.patch(path, {"status": status})

    def _answer(self, exchange: Exchange) -> None:
        """Answer ``/SLOT/version`` as one of the slot's ready pods would."""
        slot = exchange.path.split("/")[1]
        labelled = [pod for pod in self._pods() if pod["metadata"]["labels"].get("slot") == slot]
        self.answer_by(labelled, exchange)

    def answer_for(self, service: str, exchange: Exchange) -> None:
        """Answer as one of the pods to which the calls to a Service go."""
        found = self.api.get(f"/api/v1/namespaces/default/endpoints/{service}")
        addresses = [one for subset in found.get("subsets", ()) for one in subset["addresses"]]
        names = {one["targetRef"]["name"] for one in addresses}
        self.answer_by([pod for pod in self._pods() if pod["metadata"]["name"] in names], exchange)

    def answer_by(self, pods: Sequence[Any], exchange: Exchange) -> None:
        """Answer as one of those that are ready, each in its turn."""
        ready = [pod for pod in pods if _is_ready(pod)]
        if not ready:
            exchange.reset()
            return
        pod = ready[next(self._turn) % len(ready)]
        exchange.answer(200, {}, json.dumps({"version": _says(pod)}).encode())

    def _address(self, name: str) -> str:
        net, host = divmod(len(self._addresses), 250)
        return self._addresses.setdefault(name, f"10.1.{net}.{host + 1}")

    def _answer_of(self, place: str, path: str) -> str | None:
        """Answer as the pod at an address does, at port 8080 and nowhere else."""
        address, _, port = place.rpartition(":")
        for pod in self._pods():
            here = pod.get("status", {}).get("podIP") == address
            if here and (port, path) == ("8080", "/version"):
                return json.dumps({"version": _says(pod)})
        return None


def _says(pod: Any) -> str:
    name = pod["spec"]["containers"][0]["image"].partition("says-")[2]
    says = bytes.fromhex(name.partition("@")[0].partition(":")[0]).decode()
    return says or str(pod["metadata"]["labels"]["app.kubernetes.io/version"])


def _behaviour(pod: Any) -> str:
    container = pod["spec"]["containers"][0]
    variables = {one["name"]: one.get("value", "") for one in container.get("env", ())}
    return str(variables.get("BEHAVIOUR", ""))


def _is_ready(pod: Any) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")
