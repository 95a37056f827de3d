"""The operations of the stand-in, as the ECS target calls them."""

from __future__ import annotations

import itertools
import json
import threading
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.parts.ecs.services import Deployment, Service
from tests.parts.ecs.tasks import Task, running, started
from tests.parts.ecs.words import ACCOUNT, REGION, EcsError, answering
from tests.parts.http import Exchange, serving

CLUSTER = "shop"
_EVERY_SECONDS = 0.05
_TASKS_A_PAGE = 2  # ECS has 100; so few that every list has pages
_FAMILY = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/"


@dataclass
class Ecs:
    """A region with one cluster; `address` is that of a balancer before all of its services.

    `faults` are raised in place of the next answers to an operation, and tasks of the
    definitions that are `kept` never end for others.
    """

    folder: Path
    endpoint: str = ""
    address: str = ""
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    faults: dict[str, deque[EcsError]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def running(self) -> Iterator[Ecs]:
        """Schedule and answer until the block ends; no process is left behind."""
        over = threading.Event()

        def schedule() -> None:
            while not over.wait(_EVERY_SECONDS):
                with self._lock:
                    for service in self.services.values():
                        service.step(self._start, self.kept)

        thread = threading.Thread(target=schedule)
        with answering(self.answer) as self.endpoint, serving(self._balance) as balancer:
            self.address = balancer.address
            thread.start()
            try:
                yield self
            finally:
                over.set()
                thread.join()
                self._end_all()

    def tasks(self) -> list[Task]:
        """Return the tasks that have not ended."""
        with self._lock:
            every = [task for one in self.services.values() for task in one.tasks]
            return [task for task in every if task.status != "STOPPED"]

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """Return what an operation was told, each time."""
        return [told for name, told in self.asked if name == operation]

    def answer(self, operation: str, told: dict[str, Any]) -> dict[str, Any]:
        """Answer one call."""
        with self._lock:
            self.asked.append((operation, told))
            if faults := self.faults.get(operation):
                raise faults.popleft()
            if told.get("cluster", CLUSTER) != CLUSTER:
                raise EcsError("ClusterNotFoundException", "Cluster not found.")
            document: dict[str, Any] = getattr(self, f"_{operation}")(told)
            document = json.loads(json.dumps(document))
            self.answers.append((operation, document))
            return document

    def _RegisterTaskDefinition(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        for one in told["containerDefinitions"]:
            if not one.get("image"):
                raise EcsError("ClientException", "Container.image should not be null or empty.")
        family = f"{_FAMILY}{told['family']}:"
        revision = 1 + sum(arn.startswith(family) for arn in self.definitions)
        tags = told.pop("tags", [])
        containers = [
            {"cpu": 0, "essential": True, "mountPoints": [], "volumesFrom": [], **one}
            for one in told["containerDefinitions"]
        ]
        made = {**told, "containerDefinitions": containers, "revision": revision}
        arn = f"{family}{revision}"
        definition = {**made, "taskDefinitionArn": arn, "status": "ACTIVE"}
        self.definitions[arn] = {"taskDefinition": definition, "tags": tags}
        return self.definitions[arn]

    def _DescribeTaskDefinition(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self.definitions[self._arn(told["taskDefinition"])]

    def _CreateService(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = told["serviceName"]
        present = self.services.get(name)
        if present and present.status != "INACTIVE":
            raise EcsError("InvalidParameterException", "Creation of service was not idempotent.")
        tags = {one["key"]: one["value"] for one in told.pop("tags", ())}
        arn = told["taskDefinition"] = self._arn(told["taskDefinition"])
        self.services[name] = Service(CLUSTER, name, told, tags)
        self.services[name].deploy(arn)
        return {"service": self.services[name].document()}

    def _UpdateService(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        service = self._service(told["service"])
        before = service.wanted["taskDefinition"]
        given = {key: told[key] for key in told if key not in {"cluster", "service"}}
        is_forced = given.pop("forceNewDeployment", False)
        if "taskDefinition" in given:
            given["taskDefinition"] = self._arn(given["taskDefinition"])
        service.wanted.update(given)
        if is_forced or service.wanted["taskDefinition"] != before:
            service.deploy(service.wanted["taskDefinition"])
        return {"service": service.document()}

    def _DeleteService(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        service = self._service(told["service"])
        service.status, service.wanted["desiredCount"] = "DRAINING", 0
        return {"service": service.document()}

    def _DescribeServices(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        (name,) = told["services"]
        if name not in self.services:
            return {"services": [], "failures": [{"arn": name, "reason": "MISSING"}]}
        return {"services": [self.services[name].document()], "failures": []}

    def _ListTasks(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        service = self.services.get(told["serviceName"])
        if service is None:
            raise EcsError("ServiceNotFoundException", "Service not found.")
        found = [one for one in service.tasks if one.wanted == (told["desiredStatus"] == "RUNNING")]
        begin = int(told.get("nextToken", 0))
        end = begin + _TASKS_A_PAGE
        arns = [one.document()["taskArn"] for one in found[begin:end]]
        return {"taskArns": arns, **({"nextToken": str(end)} if end < len(found) else {})}

    def _DescribeTasks(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        every = (task.document() for one in self.services.values() for task in one.tasks)
        return {"tasks": [one for one in every if one["taskArn"] in told["tasks"]]}

    def _TagResource(self, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        service = self._service(told["resourceArn"].rpartition("/")[2])
        service.tags.update({one["key"]: one["value"] for one in told["tags"]})
        return {}

    def _service(self, name: str) -> Service:
        service = self.services.get(name)
        if service is None:
            raise EcsError("ServiceNotFoundException", "Service not found.")
        if service.status != "ACTIVE":
            raise EcsError("ServiceNotActiveException", "Service was not ACTIVE.")
        return service

    def _arn(self, name: str) -> str:
        arn = name if name.startswith(_FAMILY) else f"{_FAMILY}{name}"
        if arn not in self.definitions:
            raise EcsError("ClientException", "Unable to describe task definition.")
        return arn

    def _start(self, service: Service, deployment: Deployment) -> Task:
        definition = self.definitions[deployment.task_definition]["taskDefinition"]
        where = {
            "service": service.name,
            "cluster": service.cluster,
            "task_definition": deployment.task_definition,
            "rollout": deployment.id,
        }
        return started(self.folder, where, definition)

    def _balance(self, exchange: Exchange) -> None:
        """Answer ``/SERVICE/version`` as one of the service's tasks does."""
        _, name, path = exchange.path.split("/", 2)
        with self._lock:
            service = self.services.get(name)
            behind = list(running(service.tasks)) if service else []
        if not behind:
            exchange.reset()
            return
        task = behind[next(self._turn) % len(behind)]
        definition = self.definitions[task.task_definition]["taskDefinition"]
        port = definition["containerDefinitions"][0]["portMappings"][0]["containerPort"]
        try:
            with urllib.request.urlopen(
                f"http://{task.address}:{port}/{path}", timeout=5
            ) as answer:
                exchange.answer(answer.status, {}, answer.read())
        except OSError:
            exchange.reset()

    def _end_all(self) -> None:
        for task in (task for one in self.services.values() for task in one.tasks):
            if task.process:
                task.process.kill()
                task.process.wait()


@contextmanager
def ecs(folder: Path) -> Iterator[Ecs]:
    """Run a stand-in whose tasks work in *folder*."""
    folder.mkdir(parents=True)
    with Ecs(folder).running() as region:
        yield region
