"""A rollout in a cluster is over when every pod is of the new template, ready, and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.deploying.kubernetes_cluster import Cluster
    from ci_steps.deploying.kubernetes_objects import Pod
    from ci_steps.errors import RefusedError

_POLL_SECONDS = 0.3
_WATCH_SECONDS = 1.0


@dataclass(frozen=True)
class AwaitedPods:
    """The pods of a Deployment; *refused* makes an error of why they are not as they should be.

    *unanswered* says which of them does not answer the version, or nothing.
    """

    cluster: Cluster
    name: str
    timeout_seconds: float
    refused: Callable[[str], RefusedError]
    unanswered: Callable[[tuple[Pod, ...]], str]

    def template(self) -> str:
        """Return the hash of the template when the controller has seen it."""
        outside = self.cluster.outside
        deadline = outside.seconds() + self.timeout_seconds
        while True:
            rollout = self.cluster.rollout(self.name)
            if rollout and rollout.observed and (found := self.cluster.template_of(self.name)):
                return found
            if outside.seconds() > deadline:
                raise self.refused("no controller of the cluster has seen it")
            outside.pause(_POLL_SECONDS)

    def ready(self, template: str, *, answering: bool = True) -> tuple[Pod, ...]:
        """Return the pods when all are of the template, ready, and *answering* if that is asked."""
        outside = self.cluster.outside
        deadline = outside.seconds() + self.timeout_seconds
        while True:
            problem, pods = self._problem(template)
            problem = problem or (self.unanswered(pods) if answering else "")
            if not problem:
                return pods
            if outside.seconds() > deadline:
                raise self.refused(problem)
            outside.pause(_POLL_SECONDS)

    def watch(self, template: str, before: tuple[Pod, ...], seconds: float) -> None:
        """Return when the pods went on as they were for as long as they are watched."""
        outside, restarts = self.cluster.outside, {pod.name: pod.restarts for pod in before}
        deadline = outside.seconds() + seconds
        while (left := deadline - outside.seconds()) > 0:
            outside.pause(min(_WATCH_SECONDS, left))
            problem, pods = self._problem(template)
            again = [
                pod.name for pod in pods if pod.restarts > restarts.get(pod.name, pod.restarts)
            ]
            if again:
                problem = f"pod {again[0]} was started again"
            problem = problem or self.unanswered(pods)
            if problem:
                raise self.refused(f"it answered, and then no more: {problem}")

    def _problem(self, template: str) -> tuple[str, tuple[Pod, ...]]:
        """Return why the rollout is not over, and the pods; RefusedError if it never will be."""
        rollout = self.cluster.rollout(self.name)
        if rollout is None:
            raise self.refused("somebody has deleted its Deployment")
        pods = self.cluster.selected(rollout.selector)
        ours = [pod for pod in pods if pod.hash == template]
        trouble = next((pod for pod in ours if pod.trouble), None)
        if trouble:
            raise self.refused(f"pod {trouble.name}: {trouble.trouble}")
        if rollout.stuck:
            raise self.refused(rollout.failure or rollout.stuck)
        if not rollout.observed:
            return "the cluster has not seen it yet", pods
        if len(pods) > len(ours):
            return f"{len(pods) - len(ours)} pods of another version are there", pods
        ready = sum(pod.is_ready for pod in ours)
        if ready < max(1, rollout.replicas):
            return rollout.failure or f"{ready} of {rollout.replicas} pods are ready", pods
        return "", pods
