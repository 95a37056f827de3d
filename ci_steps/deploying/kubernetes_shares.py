"""Which line of a service gets which part of the calls in a cluster, and how that is changed.

A change says which state of the object it is meant for, so that whoever else writes it at the
same time is noticed: then it is read again. What is not put in force is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ci_steps.deploying.kubernetes_cluster import Cluster
from ci_steps.deploying.kubernetes_refusals import reason_of, refusal
from ci_steps.deploying.kubernetes_routes import ROUTE, Part, in_force, parts, shares, weights
from ci_steps.deploying.undoing import undone
from ci_steps.errors import RefusedError

_TRIES = 5
_POLL_SECONDS = 0.2
_WHOLE = 100


@dataclass(frozen=True)
class _Object:
    """One object of the cluster that is changed, and how long that may take."""

    cluster: Cluster
    kind: str
    name: str
    timeout_seconds: float

    @property
    def is_rehearsed(self) -> bool:
        return self.cluster.outside.rehearsing

    def read(self) -> Any:
        return self.cluster.object(self.kind, self.name)

    def change(self, operations_on: Callable[[Any], list[dict[str, Any]]]) -> Any:
        """Patch it, as it is then, and return as what it was read before."""
        for left in reversed(range(_TRIES)):
            present = self.read()
            seen = present["metadata"]["resourceVersion"]
            precondition = {"op": "replace", "path": "/metadata/resourceVersion", "value": seen}
            patch = [precondition, *operations_on(present)]
            ended = self.cluster.change(self.kind, self.name, patch)
            if ended.ok:
                return present
            if not left or reason_of(ended) != "Conflict":
                raise refusal(ended, f"patch {self.kind}")
        raise AssertionError  # pragma: no cover (the last try raises)

    def wait(self, problem: Callable[[], str]) -> None:
        """Return when there is no *problem* any more, which may raise what will stay one."""
        outside = self.cluster.outside
        deadline = outside.seconds() + self.timeout_seconds
        while found := problem():
            if outside.seconds() > deadline:
                raise RefusedError(found, hint=f"It was asked for {self.timeout_seconds:g} s.")
            outside.pause(_POLL_SECONDS)


@dataclass(frozen=True)
class Route:
    """An HTTPRoute that shares calls out among the Services of the lines, by their weights."""

    cluster: Cluster
    name: str
    timeout_seconds: float
    services: Mapping[str, str]

    def shares(self) -> Mapping[str, int]:
        """Return the percent of the calls that each line gets now."""
        return shares(parts(self._object.read(), self.services))

    def shift(self, wanted: Mapping[str, int]) -> None:
        """Set the weights, and return when the controllers of all Gateways have taken them."""
        before = self._object.change(
            lambda route: weights(_weighed(parts(route, self.services), wanted))
        )
        if not self._object.is_rehearsed:
            with undone(lambda: self._bring_back(parts(before, self.services))):
                self._object.wait(lambda: self._problem(wanted))

    @property
    def _object(self) -> _Object:
        return _Object(self.cluster, ROUTE, self.name, self.timeout_seconds)

    def _bring_back(self, before: tuple[Part, ...]) -> None:
        self._object.change(lambda _: weights(before))

    def _problem(self, wanted: Mapping[str, int]) -> str:
        route = self._object.read()
        if any(part.weight != wanted[part.line] for part in parts(route, self.services)):
            raise RefusedError(
                f"somebody else has changed the weights of the HTTPRoute {self.name!r}",
                hint="Whoever keeps it as it is written elsewhere has to leave them alone.",
            )
        state = in_force(route)
        text = f"the HTTPRoute {self.name!r} is not in force: {state.problem}"
        if state.for_good:
            raise RefusedError(text, hint="Ask it: kubectl describe httproute " + self.name)
        return text if state.problem else ""


@dataclass(frozen=True)
class Switch:
    """A Service that sends all calls to the pods of one line, found by that line's labels."""

    cluster: Cluster
    name: str
    timeout_seconds: float
    labels: Mapping[str, Mapping[str, str]]

    def shares(self) -> Mapping[str, int]:
        """Return 100 for the line whose pods it selects, and 0 for the others."""
        selector = _selector(self._object.read())
        return {
            line: _WHOLE if labels.items() <= selector.items() else 0
            for line, labels in self.labels.items()
        }

    def shift(self, wanted: Mapping[str, int]) -> None:
        """Select the pods of the line that gets all calls, and return when only they have them."""
        line = next((line for line, percent in wanted.items() if percent == _WHOLE), None)
        if line is None:
            raise RefusedError(
                f"the Service {self.name!r} sends all calls to one line, and cannot share them out",
                hint="Say steps.shift-traffic.shares: [0, 100], or name a route.",
            )
        wanted_selector = {**_selector(self._object.read()), **self.labels[line]}
        self._check_ready(line, wanted_selector)
        before = self._object.change(lambda _: _selecting(wanted_selector))
        if not self._object.is_rehearsed:
            with undone(lambda: self._bring_back(_selector(before))):
                self._object.wait(lambda: self._problem(line, wanted_selector))

    @property
    def _object(self) -> _Object:
        return _Object(self.cluster, "service", self.name, self.timeout_seconds)

    def _bring_back(self, before: Mapping[str, str]) -> None:
        self._object.change(lambda _: _selecting(before))

    def _check_ready(self, line: str, selector: Mapping[str, str]) -> None:
        if not any(pod.is_ready for pod in self.cluster.pods(selector)):
            written = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
            raise RefusedError(
                f"no pod of line {line} is ready that the Service {self.name!r} would select",
                hint=f"Look for them: kubectl get pods --selector {written}",
            )

    def _problem(self, line: str, selector: Mapping[str, str]) -> str:
        if _selector(self._object.read()) != selector:
            raise RefusedError(
                f"somebody else has changed the selector of the Service {self.name!r}",
                hint="Whoever keeps it as it is written elsewhere has to leave it alone.",
            )
        answering = self.cluster.endpoints(self.name)
        if answering and answering <= {pod.name for pod in self.cluster.pods(selector)}:
            return ""
        return f"the calls to the Service {self.name!r} do not go to pods of line {line} alone"


def _weighed(found: tuple[Part, ...], wanted: Mapping[str, int]) -> tuple[Part, ...]:
    return tuple(replace(part, weight=wanted[part.line]) for part in found)


def _selector(service: Any) -> Mapping[str, str]:
    selector: Mapping[str, str] | None = service["spec"].get("selector")
    if not selector:
        raise RefusedError(
            f"the Service {service['metadata']['name']!r} selects no pods",
            hint="Give it a selector that all lines have in common, for example app: auth.",
        )
    return selector


def _selecting(selector: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"op": "add", "path": "/spec/selector", "value": dict(selector)}]
