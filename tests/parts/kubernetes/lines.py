"""Two lines of auth in a cluster, behind a Service and behind a route of a Gateway."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ci_steps.protocols import Lines
from tests.parts.kubernetes.cluster import Kubernetes
from tests.parts.kubernetes.gateway import DEFINITION, Gateway
from tests.parts.kubernetes.machines import image_that_says

LINES = Lines("auth", "production", {"1": "", "2": ""}, {"1": "1", "2": "2"})
_KINDS = "deployment,service,httproute"
_LINE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: auth-{line}, labels: {{made: by-the-test}}}}
spec:
  selector: {{matchLabels: {{app: auth, slot: "{line}"}}}}
  template:
    metadata:
      labels:
        app: auth
        slot: "{line}"
        ci-steps.io/service: auth
        ci-steps.io/slot: production-{line}
    spec:
      nodeName: nowhere  # endpoints are of machines
      terminationGracePeriodSeconds: 0
      containers: [{{name: auth, image: "{image}"}}]
---
apiVersion: v1
kind: Service
metadata: {{name: auth-{line}, labels: {{made: by-the-test}}}}
spec:
  selector: {{app: auth, slot: "{line}"}}
  ports: [{{port: 80, protocol: TCP}}]
---
"""
_FRONT = """\
apiVersion: v1
kind: Service
metadata: {name: auth, labels: {made: by-the-test}}
spec:
  selector: {app: auth}
  ports: [{port: 80, protocol: TCP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: auth, labels: {made: by-the-test}}
spec:
  parentRefs: [{name: front}]
  rules:
  - backendRefs: [{name: auth-1, port: 80, weight: 100}, {name: auth-2, port: 80, weight: 0}]
"""


@contextmanager
def two_lines(cluster: Kubernetes) -> Iterator[Gateway]:
    """Have line 1 and line 2 of auth run, all calls going to line 1."""
    if not cluster.takes_custom_resources:
        pytest.skip(
            "the API server here is an old one that falls over a route: that calls move between "
            "lines in a cluster was not proven (make test-kubernetes builds it anew)"
        )
    cluster.kubectl("apply", "--filename", "-", text=DEFINITION)
    cluster.kubectl("wait", "--for=condition=Established", "crd", "--all")
    lines = [_LINE.format(line=line, image=image_that_says(f"{line}.0")) for line in ("1", "2")]
    cluster.kubectl("apply", "--filename", "-", text="".join((*lines, _FRONT)))
    try:
        with Gateway(cluster.machines).running() as gateway:
            _await_ready(cluster)
            yield gateway
    finally:
        selector = ("--selector", "made=by-the-test", "--cascade=foreground")
        cluster.kubectl("delete", _KINDS, *selector)


def _await_ready(cluster: Kubernetes) -> None:
    """Poll: nobody tells when the endpoints of both lines are known."""
    end = time.monotonic() + 20
    where = "jsonpath={range .items[*]}{.subsets[*].addresses[*].targetRef.name}{end}"
    while True:
        found = cluster.kubectl("get", "endpoints", "--output", where)
        if found.count("auth-1-") == found.count("auth-2-") == 2:
            return
        assert time.monotonic() < end, found
        time.sleep(0.05)
