"""What ECS says of a service, its deployments and tasks, and whether a rollout is over.

``taskDefinition`` of a service is what is wanted; only its deployments and tasks say what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SERVICE, SLOT, ENVIRONMENT = "ci-steps:service", "ci-steps:slot", "ci-steps:environment"
VERSION, COMMIT = "ci-steps:version", "ci-steps:commit"
# Of a service: the task definition that was proven, and whether it was ci-steps that made it.
PROVEN, MADE = "ci-steps:proven", "ci-steps:made"
# Of a task definition: a digest of what it was registered with.
CONTENT = "ci-steps:content"

_FAILED = frozenset({"TaskFailedToStart", "EssentialContainerExited"})
_SHORT_ID = 8


@dataclass(frozen=True)
class Rollout:
    """What ECS calls a deployment: the tasks of one task definition, on their way or there."""

    id: str
    status: str
    task_definition: str
    desired: int
    running: int
    pending: int
    failed_tasks: int
    state: str
    reason: str

    @property
    def is_over(self) -> bool:
        """Whether ECS lists it and it has no tasks any more."""
        return self.status == "INACTIVE" and not self.running + self.pending


@dataclass(frozen=True)
class Service:
    """A service of a cluster; its events are by id, the newest first."""

    arn: str
    status: str
    task_definition: str
    desired: int
    running: int
    rollouts: tuple[Rollout, ...]
    events: Mapping[str, str]
    tags: Mapping[str, str]
    configuration: Mapping[str, Any]
    controller: str

    @property
    def primary(self) -> Rollout | None:
        """The deployment that ECS brings the service to."""
        return next((one for one in self.rollouts if one.status == "PRIMARY"), None)


@dataclass(frozen=True)
class Task:
    """One task; *wanted* is whether ECS means it to run."""

    id: str
    task_definition: str
    rollout: str
    status: str
    wanted: bool
    health: str
    address: str
    stop_code: str
    reason: str

    @property
    def has_failed(self) -> bool:
        """Whether it ended by itself or by its checks, and not because somebody wanted it."""
        by_checks = self.stop_code == "ServiceSchedulerInitiated" and "failed" in self.reason
        return self.stop_code in _FAILED or by_checks

    @property
    def trouble(self) -> str:
        """Why it ended, in the words of ECS."""
        return f"task {self.id[:_SHORT_ID]}: {self.reason or self.stop_code}"


def hopeless(service: Service, task_definition: str, rollout: str) -> str:
    """Return why a rollout will never be over, or nothing; *rollout* is empty while unknown."""
    for one in service.rollouts:
        is_ours = one.id == rollout if rollout else one.task_definition == task_definition
        if is_ours and one.state == "FAILED":
            return f"ECS gave it up: {one.reason}"
    primary = service.primary
    if not rollout or primary is None or primary.task_definition == task_definition:
        return ""
    # One that failed is soon not listed any more, and then only its event says so.
    ours = (text for text in service.events.values() if f"deployment {rollout})" in text)
    if failed := next((text for text in ours if "failed" in text), ""):
        return f"ECS gave it up: {failed}"
    return f"ECS was told meanwhile to run {short(primary.task_definition)}"


def unfinished(service: Service, task_definition: str, *, least: int = 1) -> str:
    """Return why a rollout is not over yet, or nothing."""
    primary = service.primary
    if primary is None or primary.task_definition != task_definition:
        return f"ECS has not begun a deployment of {short(task_definition)}"
    others = [one for one in service.rollouts if one is not primary and not one.is_over]
    if others:
        return f"{others[0].running} tasks of {short(others[0].task_definition)} are still there"
    if problem := _miscounted(service, primary, least):
        return problem
    if primary.state != "COMPLETED":
        return f"ECS calls its deployment {primary.state or 'nothing'}, and not COMPLETED"
    return ""


def _miscounted(service: Service, primary: Rollout, least: int) -> str:
    wanted = max(least, primary.desired, service.desired)
    if primary.running < wanted:
        return f"{primary.running} of {wanted} tasks run"
    if primary.pending or service.running > wanted:
        return f"{service.running + primary.pending} tasks run or are about to, of {wanted} wanted"
    return ""


def not_there(service: Service, task_definition: str, tasks: tuple[Task, ...]) -> str:
    """Return which tasks are not as the counts of the service promise, or nothing."""
    for one in tasks:
        if one.task_definition != task_definition:
            return f"task {one.id[:_SHORT_ID]} is one of {short(one.task_definition)}"
        if one.status != "RUNNING" or one.health == "UNHEALTHY":
            return f"task {one.id[:_SHORT_ID]} is {one.health or one.status}"
    if len(tasks) != service.desired:
        return f"ECS lists {len(tasks)} tasks, and counts {service.desired}"
    return ""


def short(arn: str) -> str:
    """Return the part of an ARN that people know a thing by: ``auth:7``."""
    return arn.rpartition("/")[2]


def service_of(document: Mapping[str, Any]) -> Service:
    """Return a service as DescribeServices has it."""
    return Service(
        arn=document["serviceArn"],
        status=document.get("status", ""),
        task_definition=document.get("taskDefinition", ""),
        desired=document.get("desiredCount", 0),
        running=document.get("runningCount", 0),
        rollouts=tuple(map(_rollout, document.get("deployments", ()))),
        events={one["id"]: one.get("message", "") for one in document.get("events", ())},
        tags=tags_of(document),
        configuration=document.get("deploymentConfiguration", {}),
        controller=document.get("deploymentController", {}).get("type", "ECS"),
    )


def task_of(document: Mapping[str, Any]) -> Task:
    """Return a task as DescribeTasks has it."""
    return Task(
        id=short(document["taskArn"]),
        task_definition=document.get("taskDefinitionArn", ""),
        rollout=document.get("startedBy", ""),
        status=document.get("lastStatus", ""),
        wanted=document.get("desiredStatus") == "RUNNING",
        health=document.get("healthStatus", "").replace("UNKNOWN", ""),
        address=next(_addresses(document), ""),
        stop_code=document.get("stopCode", ""),
        reason=_reason(document),
    )


def tags_of(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the tags of whatever has some."""
    return {one["key"]: one.get("value", "") for one in document.get("tags", ())}


def _rollout(document: Mapping[str, Any]) -> Rollout:
    return Rollout(
        id=document.get("id", ""),
        status=document.get("status", ""),
        task_definition=document.get("taskDefinition", ""),
        desired=document.get("desiredCount", 0),
        running=document.get("runningCount", 0),
        pending=document.get("pendingCount", 0),
        failed_tasks=document.get("failedTasks", 0),
        state=document.get("rolloutState", ""),
        reason=document.get("rolloutStateReason", ""),
    )


def _addresses(task: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses of the network interfaces of a task, as they stand in a URL."""
    for attachment in task.get("attachments", ()):
        details = {one.get("name"): one.get("value") for one in attachment.get("details", ())}
        if attachment.get("type") == "ElasticNetworkInterface":
            yield from _written(details.get("privateIPv4Address"), details.get("ipv6Address"))
    for container in task.get("containers", ()):
        for one in container.get("networkInterfaces", ()):
            yield from _written(one.get("privateIpv4Address"), one.get("ipv6Address"))


def _written(four: str | None, six: str | None) -> Iterator[str]:
    if four or six:
        yield four or f"[{six}]"


def _reason(task: Mapping[str, Any]) -> str:
    """Return why a task ended, with what ECS says of its containers."""
    parts = [task.get("stoppedReason", "")]
    for one in task.get("containers", ()):
        said = [one["reason"]] if one.get("reason") else []
        if one.get("exitCode"):
            said.append(f"exit status {one['exitCode']}")
        if said and not all(word in parts[0] for word in said):
            parts.append(f"{one.get('name', 'a container')}: {', '.join(said)}")
    return "; ".join(filter(None, parts))
