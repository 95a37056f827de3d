"""Tasks of the stand-in: each a real process with an address of its own on this machine.

The name of an image says what the service in it says of itself, in hexadecimal digits; without
one it says the version that it was told.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.parts import services
from tests.parts.ecs.words import ACCOUNT, REGION

_ADDRESSES = itertools.count(1)
_NETWORK = 20 + os.getpid() % 200  # of 127.0.0.0/8: workers of pytest do not meet
_MISSING = "6d697373696e67"  # an image that says "missing" is in no registry


@dataclass
class Task:
    """One task, from its start until ECS would forget it."""

    id: str
    service: str
    cluster: str
    task_definition: str
    rollout: str
    address: str
    container: str
    process: subprocess.Popen[bytes] | None
    wanted: bool = True
    stop_code: str = ""
    reason: str = ""
    container_reason: str = ""
    ran: bool = False
    tags: list[Any] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Return the last status, as ECS calls it."""
        if self.process is None:
            return "STOPPED" if self.stop_code else "PENDING"
        if self.process.poll() is not None:
            return "STOPPED"
        return "RUNNING" if self.wanted else "DEACTIVATING"

    def look(self) -> bool:
        """Find out whether it has ended by itself since; return whether it has just failed."""
        if self.stop_code or self.status != "STOPPED":
            self.ran = self.ran or self.status == "RUNNING"
            return False
        self.wanted = False
        self.stop_code = "EssentialContainerExited"
        self.reason = "Essential container in task exited"
        return True

    def end(self, reason: str) -> None:
        """Ask it to end, as the scheduler does."""
        if self.wanted:
            self.wanted, self.stop_code, self.reason = False, "ServiceSchedulerInitiated", reason
            if self.process and self.process.poll() is None:
                self.process.terminate()

    def document(self) -> dict[str, Any]:
        """Return it as DescribeTasks does."""
        name = self.task_definition
        container: dict[str, Any] = {"name": self.container, "lastStatus": self.status}
        if self.process and self.process.poll() is not None:
            container["exitCode"] = self.process.poll()
        if self.container_reason:
            container["reason"] = self.container_reason
        stopped = {"stopCode": self.stop_code, "stoppedReason": self.reason}
        return {
            "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{self.cluster}/{self.id}",
            "taskDefinitionArn": name,
            "startedBy": self.rollout,
            "group": f"service:{self.service}",
            "lastStatus": self.status,
            "desiredStatus": "RUNNING" if self.wanted else "STOPPED",
            "healthStatus": "UNKNOWN",
            "containers": [container],
            "attachments": [
                {
                    "type": "ElasticNetworkInterface",
                    "status": "ATTACHED",
                    "details": [{"name": "privateIPv4Address", "value": self.address}],
                }
            ],
            **(stopped if self.stop_code else {}),
        }


def started(folder: Path, where: dict[str, Any], definition: dict[str, Any]) -> Task:
    """Start a task of a definition; one whose image is not there has failed at once."""
    (container, *_) = definition["containerDefinitions"]
    number = next(_ADDRESSES)
    address = f"127.{_NETWORK}.{number // 250}.{number % 250 + 1}"
    task = Task(id=uuid4().hex, container=container["name"], address=address, process=None, **where)
    if f"says-{_MISSING}" in container["image"]:
        task.wanted, task.stop_code = False, "TaskFailedToStart"
        task.reason = "CannotPullContainerError: pull image manifest: not found"
        return task
    task.process = _process(folder, address, container)
    return task


def _process(folder: Path, address: str, container: dict[str, Any]) -> subprocess.Popen[bytes]:
    program = folder / "service.py"
    if not program.exists():
        program.write_text(services.source())
    told = {one["name"]: one["value"] for one in container.get("environment", ())}
    says = told.get("CI_STEPS_VERSION", "")
    if "says-" in container["image"]:
        digits = container["image"].partition("says-")[2].partition("@")[0].partition(":")[0]
        says = bytes.fromhex(digits).decode()
    port = str(container["portMappings"][0]["containerPort"])
    return subprocess.Popen(
        [sys.executable, "-S", "service.py"],
        cwd=folder,
        env={**told, "HOST": address, "PORT": port, "SAYS": says},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def running(tasks: list[Task]) -> Iterator[Task]:
    """Yield those that run and are meant to."""
    yield from (task for task in tasks if task.status == "RUNNING")
