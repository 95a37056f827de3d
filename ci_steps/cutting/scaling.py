"""Scaling Deployments of Kubernetes and services of ECS to nothing, and back to what they had."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ci_steps.deploying.kubernetes_cluster import cluster_by
from ci_steps.deploying.kubernetes_objects import selector_of
from ci_steps.errors import OutsideError, RefusedError

if TYPE_CHECKING:
    from ci_steps.cutting.cut import Cut
    from ci_steps.deploying.ecs.cluster import Cluster
    from ci_steps.protocols import Job

SECONDS = 120.0


@dataclass(frozen=True)
class Stopping:
    """How something is stopped, the command that starts it again, and what of it is left."""

    stop: Callable[[], object]
    start: tuple[str, ...]
    left: Callable[[], str] = lambda: ""


def run(job: Job, cut: Cut, command: tuple[str, ...]) -> None:
    """Let a tool stop it."""
    ended = job.outside.run(command, timeout_seconds=SECONDS, on_line=job.progress.line)
    if not ended.ok:
        raise OutsideError(f"{cut.dependency} was not stopped: {ended.last_line}")


def scaled_deployment(job: Job, cut: Cut) -> Stopping:
    """Return how a Deployment is scaled to nothing."""
    there = cluster_by(("kubectl",), cut.context, cut.namespace, job.outside)
    cluster = replace(there, timeout_seconds=SECONDS)
    text = cluster.ask("get", "deployment", cut.deployment, "--output", "json")
    replicas, selector = _replicas(text, cut.deployment)
    scale = cluster.written("scale", f"deployment/{cut.deployment}")
    pods = ("get", "pods", "--selector", selector, "--output", "json")
    return Stopping(
        partial(run, job, cut, (*scale, "--replicas=0")),
        (*scale, f"--replicas={replicas}"),
        # Not those that can answer: one that is about to end counts as well.
        lambda: _still(len(json.loads(cluster.ask(*pods))["items"]), "pods"),
    )


def scaled_service(job: Job, cut: Cut) -> Stopping:
    """Return how a service of ECS is scaled to nothing."""
    from ci_steps.deploying.ecs.cluster import Cluster
    from ci_steps.outside.aws import AwsApi

    cluster = Cluster(AwsApi("ecs", cut.region), cut.cluster, job.outside)
    name = cut.ecs_service
    found = cluster.service(name)
    if found is None:
        raise OutsideError(f"there is no ECS service {name!r} in {cut.cluster or 'default'}")
    if not found.desired:
        raise RefusedError(
            f"the ECS service {name!r} has no tasks, so a test without proves nothing"
        )

    count = ("-m", "ci_steps.outside.ecs_count", cut.region, cut.cluster, name)
    start = (sys.executable, *count, str(found.desired))
    return Stopping(
        partial(cluster.update, name, desiredCount=0),
        start,
        lambda: _still(_tasks(cluster, name), "tasks"),
    )


def _tasks(cluster: Cluster, name: str) -> int:
    """Return how many tasks there are: those that are about to start or to end answer as well."""
    running = len(cluster.tasks(name))  # first, for one that ends meanwhile is counted then
    return running + sum(one.status != "STOPPED" for one in cluster.ended(name))


def _still(count: int, what: str) -> str:
    return f"{count} {what} are still there" if count else ""


def _replicas(text: str, name: str) -> tuple[int, str]:
    """Return how many pods a Deployment wants, and by which labels they are found."""
    try:
        spec: Any = json.loads(text)["spec"]
        replicas, selector = int(spec["replicas"]), selector_of(spec["selector"])
    except (ValueError, LookupError, TypeError):
        raise OutsideError(f"kubectl says nothing of the replicas of {name}") from None
    if not replicas:
        raise RefusedError(f"the Deployment {name!r} has no pods, so a test without proves nothing")
    return replicas, selector
