"""What a real API server is told about lines, and what keeps a change from being in force."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ci_steps.balancers import kubernetes
from ci_steps.deploying.kubernetes_cluster import Cluster
from ci_steps.deploying.kubernetes_routes import ROUTE, in_force, parts, shares
from ci_steps.errors import CiStepsError, OutsideError, RefusedError
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from tests.parts.kubernetes.cluster import Kubernetes
from tests.parts.kubernetes.gateway import Gateway
from tests.parts.kubernetes.lines import LINES, two_lines
from tests.parts.traffic import answered, calling

slow = pytest.mark.slow
SERVICES = {"1": "auth-1", "2": "auth-2"}
NEW, OLD = {"1": 0, "2": 100}, {"1": 100, "2": 0}


@dataclass
class Front:
    """The two lines in a cluster, and what stands before them."""

    cluster: Kubernetes
    gateway: Gateway

    @property
    def outside(self) -> Outside:
        return Outside({**os.environ, **self.cluster.environ})

    def shift(self, wanted: dict[str, int], **options: Any) -> None:
        kubernetes.shift(LINES, wanted, self.options(**options), self.outside)

    def shares(self, **options: Any) -> Any:
        return kubernetes.shares(LINES, self.options(**options), self.outside)

    def refusal(self, wanted: dict[str, int], **options: Any) -> CiStepsError:
        with pytest.raises(CiStepsError) as refused:
            self.shift(wanted, **options)
        return refused.value

    @staticmethod
    def options(**options: Any) -> kubernetes.Options:
        where = {} if "service" in options else {"route": "{service}"}
        return kubernetes.Options(**{**where, **options})

    def versions(self, where: str) -> set[str]:
        """Return who answers ten calls."""
        address = self.gateway.address + where
        return {json.loads(answered(address))["version"] for _ in range(10)}

    def patch(self, kind: str, patch: Any) -> None:
        self.cluster.kubectl("patch", kind, "auth", "--type=merge", "--patch", json.dumps(patch))


@pytest.fixture
def front(cluster: Kubernetes) -> Iterator[Front]:
    with two_lines(cluster) as gateway:
        yield Front(cluster, gateway)


@slow
def test_weights_are_in_force_when_the_controller_says_so_and_are_taken_back_when_it_refuses(
    front: Front,
) -> None:
    with calling(f"{front.gateway.address}/auth", every_seconds=0.05) as lost:
        front.shift({"1": 30, "2": 70})
        assert front.shares() == {"1": 30, "2": 70}
        assert front.versions("/auth") == {"1.0", "2.0"}
        front.gateway.says = "refused"
        refused = front.refusal(NEW)
        assert str(refused) == (
            "the HTTPRoute 'auth' is not in force: Gateway 'front' does not take it: "
            "Accepted: UnsupportedValue: weights are not known here"
        )
        assert front.shares() == {"1": 30, "2": 70}
        front.gateway.says = ""
        assert "has not seen it yet" in str(front.refusal(NEW, timeout_seconds=0.1))
        assert front.shares() == {"1": 30, "2": 70}
    assert lost == []


@slow
def test_a_service_is_switched_from_the_pods_of_one_line_to_those_of_the_other(
    front: Front,
) -> None:
    where = "/service/auth"
    assert front.shares(service="auth") == {"1": 0, "2": 0}, "it selects both"
    with calling(front.gateway.address + where, every_seconds=0.05) as lost:
        for wanted, version in ((OLD, "1.0"), (NEW, "2.0"), (OLD, "1.0")):
            front.shift(wanted, service="{service}")
            assert front.shares(service="auth") == wanted
            assert front.versions(where) == {version}
    assert lost == []
    assert "share them out" in str(front.refusal({"1": 50, "2": 50}, service="auth"))


@slow
def test_what_is_wrong_is_said_with_the_name_that_was_written_and_nothing_is_changed(
    front: Front,
) -> None:
    refused = front.refusal(NEW, route="geo")
    assert 'httproutes.gateway.networking.k8s.io "geo" not found' in str(refused)
    refused = front.refusal(NEW, backend="geo-{line}")
    assert str(refused) == "no rule of the HTTPRoute 'auth' has the backends geo-1 and geo-2"
    assert "Its backends are: auth-1, auth-2." in refused.hint
    assert str(front.refusal(NEW, namespace="nowhere")) == "there is no namespace 'nowhere'"
    assert str(front.refusal(NEW, context="x")) == "kubectl knows no context 'x'"
    refused = front.refusal(NEW, service="auth", selector={"slot": "nowhere"})
    assert "no pod of line 2 is ready that the Service 'auth' would select" in str(refused)
    with pytest.raises(RefusedError, match="have a resource type") as unknown:
        Cluster(front.options().kubectl, "", front.outside).object("tcproutes", "auth")
    assert "Install what brings it" in unknown.value.hint


@slow
def test_who_may_not_is_told_what_a_role_needs(front: Front) -> None:
    for may_do in ((), ("get",)):
        somebody = front.cluster.somebody(ROUTE, *may_do)
        with pytest.raises(RefusedError) as refused:
            kubernetes.shift(LINES, NEW, Front.options(), Outside(somebody))
        verb = "patch" if may_do else "get"
        assert str(refused.value).startswith(f"kubectl may not {verb} {ROUTE}: ")
        assert "the verbs get and patch" in refused.value.hint
    assert front.shares() == OLD


@slow
def test_whoever_writes_at_the_same_time_is_noticed(front: Front) -> None:
    meddled = threading.Event()

    class Meddling(Outside):
        """Somebody writes the route between our look and our word, once."""

        def run(self, command: Any, **more: Any) -> Any:
            if not meddled.is_set():
                meddled.set()
                front.patch("httproute", {"metadata": {"labels": {"team": "auth"}}})
            return super().run(command, **more)

    kubernetes.shift(LINES, NEW, Front.options(), Meddling(front.outside.environ))
    assert front.shares() == NEW
    labels = front.cluster.kubectl("get", "httproute", "auth", "--show-labels")
    assert "team=auth" in labels


@slow
def test_a_rehearsal_says_the_patch_and_changes_nothing(front: Front) -> None:
    said: list[str] = []
    outside = InertOutside(front.outside.environ, would=said.append)
    for options in (Front.options(), Front.options(service="auth")):
        kubernetes.shift(LINES, NEW, options, outside)
    assert [line.split(" --type")[0] for line in said] == [
        f"run kubectl patch {ROUTE} auth",
        "run kubectl patch service auth",
    ]
    assert front.shares() == OLD


def test_a_cluster_that_is_away_is_said_in_the_words_of_kubectl(tmp_path: Path) -> None:
    if Outside().which("kubectl") is None:
        pytest.skip("kubectl is not here: what it says of a cluster that is away was not proven")
    away = Outside({**Outside().environ, "KUBECONFIG": str(tmp_path / "none")})
    with pytest.raises(OutsideError, match=f"kubectl get {ROUTE}: .*refused"):
        kubernetes.shares(LINES, kubernetes.Options(route="auth"), away)


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, 1), ({"route": "a", "service": "a"}, 1), ({"route": "a"}, 0), ({"service": "a"}, 0)],
)
def test_either_a_route_or_a_service_is_named(given: dict[str, Any], told: int) -> None:
    said = [("", "expected either a route or a service")]
    assert list(kubernetes.contradictions(kubernetes.Options(**given))) == said[:told]


def route(*rules: dict[str, Any], **status: Any) -> dict[str, Any]:
    """Return a route; a rule is what each backend's weight is."""
    written = [
        {"backendRefs": [{"name": name, "weight": weight} for name, weight in rule.items()]}
        for rule in rules
    ]
    spec = {"parentRefs": [{"name": "front"}], "rules": written}
    return {"metadata": {"name": "auth", "generation": 2}, "spec": spec, "status": status}


def test_each_rule_with_all_lines_is_about_them_and_a_line_has_what_it_gets_in_every_one() -> None:
    given = route({"auth-1": 1, "auth-2": 3}, {"auth-1": 1}, {"auth-1": 1, "auth-2": 1, "x": 0})
    found = parts(given, SERVICES)
    assert [(part.rule, part.line) for part in found] == [(0, "1"), (0, "2"), (2, "1"), (2, "2")]
    assert shares(found) == {"1": 25, "2": 50}


@pytest.mark.parametrize(
    ("given", "services", "said"),
    [
        (route(), SERVICES, "no rule of the HTTPRoute 'auth' has the backends auth-1 and auth-2"),
        (route({"auth-1": 1}, {"auth-2": 1}), SERVICES, "has the backends auth-1 and auth-2"),
        (
            route({"auth-1": 1, "auth-2": 0}),
            {**SERVICES, "3": "auth-3"},
            "rule 1 of the HTTPRoute 'auth' has no backend auth-3",
        ),
        (
            route({"auth-1": 1, "auth-2": 0, "canary": 5}),
            SERVICES,
            "rule 1 of the HTTPRoute 'auth' sends calls to canary as well",
        ),
    ],
)
def test_a_rule_that_is_not_about_all_lines_alone_is_refused(
    given: dict[str, Any], services: dict[str, str], said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        parts(given, services)


def said_of(*conditions: tuple[str, str, int], parent: str = "front") -> dict[str, Any]:
    """Return what a controller says: conditions with their status, of a generation."""
    told = [
        {"type": kind, "status": status, "observedGeneration": generation, "reason": "Why"}
        for kind, status, generation in conditions
    ]
    return {"parents": [{"parentRef": {"name": parent}, "conditions": told}]}


@pytest.mark.parametrize(
    ("status", "problem", "for_good"),
    [
        (said_of(("Accepted", "True", 2), ("ResolvedRefs", "True", 2)), "", False),
        ({}, "no controller says anything of it for Gateway 'front'", False),
        (said_of(("Accepted", "True", 2), parent="back"), "no controller says anything", False),
        (
            said_of(("Accepted", "True", 1), ("ResolvedRefs", "True", 1)),
            "the controller of Gateway 'front' has not seen it yet",
            False,
        ),
        (
            said_of(("Accepted", "True", 2), ("ResolvedRefs", "False", 1)),
            "Gateway 'front' does not say yet that it is ResolvedRefs",
            False,
        ),
        (
            said_of(("Accepted", "True", 2), ("ResolvedRefs", "False", 2)),
            "Gateway 'front' does not take it: ResolvedRefs: Why",
            True,
        ),
        (
            said_of(
                ("Accepted", "True", 2),
                ("ResolvedRefs", "True", 2),
                ("PartiallyInvalid", "True", 2),
            ),
            "Gateway 'front' does not take it: PartiallyInvalid: Why",
            True,
        ),
    ],
)
def test_only_what_every_gateway_says_of_this_very_generation_is_in_force(
    status: dict[str, Any], problem: str, for_good: bool
) -> None:
    state = in_force(route({"auth-1": 1}, **status))
    assert (problem in state.problem if problem else not state.problem, state.for_good) == (
        True,
        for_good,
    )


def test_a_route_of_no_gateway_is_never_in_force() -> None:
    given = route({"auth-1": 1})
    del given["spec"]["parentRefs"]
    assert in_force(given).for_good


def test_what_the_server_warns_of_is_no_part_of_its_answer(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\necho 'Warning: v1 Endpoints is deprecated'\necho '{}'\n")
    program.chmod(0o755)
    assert Cluster((str(program),), "", Outside()).object("endpoints", "auth") == {}
