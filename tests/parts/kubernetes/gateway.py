"""Stands in for a Gateway and its controller: a route is judged, and calls go where it says.

`says` is what the controller says of a route: ``accepted``, ``refused``, or nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.parts.http import Exchange, serving
from tests.parts.kubernetes.machines import Machines
from tests.parts.kubernetes.watching import watching

# What the real definition says of a route, as far as it is needed here.
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: {api-approved.kubernetes.io: "unapproved, a small one for tests"}
spec:
  group: gateway.networking.k8s.io
  names: {kind: HTTPRoute, plural: httproutes, singular: httproute}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        x-kubernetes-preserve-unknown-fields: true
"""
_PATH = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes"
_EVERY_SECONDS = 0.05


@dataclass
class Gateway:
    """One Gateway called `front`, before the Services of a cluster."""

    machines: Machines
    address: str = ""
    says: str = "accepted"
    _in_force: dict[str, Any] = field(default_factory=dict)
    _calls: int = 0

    @contextmanager
    def running(self) -> Iterator[Gateway]:
        """Judge routes, and answer ``/ROUTE/version`` and ``/service/NAME/version``."""
        with serving(self._answer) as server:
            self.address = server.address
            with watching(self._judge_all, _EVERY_SECONDS):
                yield self

    def _judge_all(self) -> None:
        for route in self.machines.api.get(_PATH)["items"]:
            self._judge(route)

    def _judge(self, route: Any) -> None:
        generation = route["metadata"]["generation"]
        known = route.get("status", {}).get("parents", ())
        if not self.says or (known and _generation_of(known[0]) == generation):
            return
        is_taken = self.says == "accepted"
        conditions = [
            {
                "type": kind,
                "status": "True" if is_taken else "False",
                "reason": kind if is_taken else "UnsupportedValue",
                "message": "" if is_taken else "weights are not known here",
                "observedGeneration": generation,
                "lastTransitionTime": "2026-11-27T00:00:00Z",
            }
            for kind in ("Accepted", "ResolvedRefs")
        ]
        parent = {"parentRef": {"name": "front"}, "controllerName": "gateway.example/front"}
        status = {"parents": [{**parent, "conditions": conditions}]}
        name = route["metadata"]["name"]
        self.machines.api.patch(f"{_PATH}/{name}/status", {"status": status}, kind="merge")
        if is_taken:
            self._in_force[name] = route["spec"]

    def _answer(self, exchange: Exchange) -> None:
        _, name, *more = exchange.path.split("/")
        service = more[0] if name == "service" else self._chosen(name)
        self.machines.answer_for(service, exchange)

    def _chosen(self, route: str) -> str:
        """Return who gets the next call: of a hundred, each as many as its weight says."""
        (rule,) = self._in_force[route]["rules"]
        backends = rule["backendRefs"]
        whole = sum(one["weight"] for one in backends)
        self._calls += 1
        before = 0
        for one in backends:
            before += one["weight"]
            if self._calls * before // whole > (self._calls - 1) * before // whole:
                return str(one["name"])
        raise AssertionError("no backend has a weight")


def _generation_of(parent: Any) -> int:
    return int(parent["conditions"][0]["observedGeneration"])
