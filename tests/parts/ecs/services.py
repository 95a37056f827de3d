"""Services of the stand-in, and the scheduler that brings them to what is wanted.

Old tasks end when the new ones run; a deployment is over when no other is left. As in ECS, a
task that ran and then ended does not count as failed: the circuit breaker does not see it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.parts.ecs.tasks import Task, running
from tests.parts.ecs.words import ACCOUNT, REGION

_BREAKS_AT = 3
_MOST_EVENTS = 100
_NUMBERS = itertools.count(1)

Starts = Callable[["Service", "Deployment"], Task]


@dataclass
class Deployment:
    """What ECS calls the tasks of one task definition of a service."""

    task_definition: str
    status: str = "PRIMARY"
    state: str = "IN_PROGRESS"
    reason: str = "ECS deployment in progress."
    failed_tasks: int = 0
    id: str = field(default_factory=lambda: f"ecs-svc/{next(_NUMBERS):019d}")
    made: float = field(default_factory=time.time)


@dataclass
class Service:
    """A service, with all tasks it ever had."""

    cluster: str
    name: str
    wanted: dict[str, Any]
    tags: dict[str, str]
    status: str = "ACTIVE"
    deployments: list[Deployment] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    completed: str = ""

    @property
    def arn(self) -> str:
        """Return its ARN."""
        return f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{self.cluster}/{self.name}"

    @property
    def desired(self) -> int:
        """Return how many tasks are wanted."""
        return int(self.wanted.get("desiredCount", 0))

    @property
    def primary(self) -> Deployment:
        """Return the deployment that it is brought to."""
        return self.deployments[0]

    def deploy(self, task_definition: str) -> None:
        """Begin a deployment."""
        for one in self.deployments:
            one.status = "ACTIVE"
        self.deployments.insert(0, Deployment(task_definition))

    def tell(self, text: str) -> None:
        """Add an event, the newest first."""
        event = {
            "id": f"event-{next(_NUMBERS)}",
            "createdAt": time.time(),
            "message": f"(service {self.name}) {text}",
        }
        self.events = [event, *self.events][:_MOST_EVENTS]

    def tasks_of(self, deployment: Deployment) -> list[Task]:
        """Return the tasks of a deployment that have not ended."""
        return [one for one in self.tasks if one.rollout == deployment.id and one.wanted]

    def step(self, start: Starts, kept: set[str]) -> None:
        """Bring it one step on; tasks of definitions that are *kept* are not ended."""
        for task in self.tasks:
            if task.look() and not task.ran:
                self.primary.failed_tasks += task.rollout == self.primary.id
        if self.status == "DRAINING":
            self._drain()
        elif self.status == "ACTIVE":
            self._break()
            self._roll(start, kept)

    def document(self) -> dict[str, Any]:
        """Return it as DescribeServices does."""
        return {
            "serviceArn": self.arn,
            "serviceName": self.name,
            "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{self.cluster}",
            "status": self.status,
            "taskDefinition": self.wanted["taskDefinition"],
            "desiredCount": self.desired,
            "runningCount": len(list(running(self.tasks))),
            "pendingCount": 0,
            "deployments": [self._described(one) for one in self.deployments],
            "events": self.events,
            "deploymentConfiguration": self.wanted.get("deploymentConfiguration", {}),
            "deploymentController": self.wanted.get("deploymentController", {"type": "ECS"}),
            "tags": [{"key": key, "value": value} for key, value in self.tags.items()],
        }

    def _described(self, one: Deployment) -> dict[str, Any]:
        is_primary = one is self.primary
        return {
            "id": one.id,
            "status": one.status,
            "taskDefinition": one.task_definition,
            "desiredCount": self.desired if is_primary else 0,
            "pendingCount": 0,
            "runningCount": len(list(running(self.tasks_of(one)))),
            "failedTasks": one.failed_tasks,
            "createdAt": one.made,
            "updatedAt": one.made,
            "rolloutState": one.state,
            "rolloutStateReason": one.reason,
        }

    def _drain(self) -> None:
        for task in self.tasks:
            task.end("Service deleted")
        if all(task.status == "STOPPED" for task in self.tasks):
            self.status, self.deployments = "INACTIVE", []

    def _break(self) -> None:
        """Give a deployment up whose tasks do not come up, and go back to the last good one."""
        failed = self.primary
        breaker = self.wanted.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker", {})
        if (
            failed.state != "IN_PROGRESS"
            or failed.failed_tasks < _BREAKS_AT
            or not breaker.get("enable")
        ):
            return
        failed.state = "FAILED"
        failed.reason = "ECS deployment circuit breaker: tasks failed to start."
        self.tell(f"(deployment {failed.id}) deployment failed: tasks failed to start.")
        if breaker.get("rollback") and self.completed:
            self.wanted["taskDefinition"] = self.completed
            self.deploy(self.completed)

    def _roll(self, start: Starts, kept: set[str]) -> None:
        primary = self.primary
        ours = self.tasks_of(primary)
        if len(ours) < self.desired and primary.state != "FAILED":
            task = start(self, primary)
            self.tasks.append(task)
            failed = task.stop_code == "TaskFailedToStart"
            primary.failed_tasks += failed
            self.tell(
                f"was unable to start a task: {task.reason}" if failed else "has started 1 tasks"
            )
            return
        for task in ours[self.desired :]:
            task.end(f"Scaling activity initiated by (deployment {primary.id})")
        if len(list(running(ours))) < self.desired:
            return
        self._end_others(kept)
        others = self.deployments[1:]
        self.deployments = [primary, *(one for one in others if self.tasks_of(one))]
        if len(self.deployments) == 1 and primary.state == "IN_PROGRESS":
            primary.state = "COMPLETED"
            primary.reason = f"ECS deployment {primary.id} completed."
            self.completed = primary.task_definition
            self.tell("has reached a steady state.")

    def _end_others(self, kept: set[str]) -> None:
        for deployment in self.deployments[1:]:
            if deployment.task_definition.rpartition("/")[2] not in kept:
                for task in self.tasks_of(deployment):
                    task.end(f"Scaling activity initiated by (deployment {self.primary.id})")
