"""One target with everything it needs, so that a test is one line."""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ci_steps import registry
from ci_steps.deploying.object_names import object_suffix
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Build, Place, Placement, Target
from ci_steps.targets import command, compose, ecs, kubernetes, process
from ci_steps.versions import parse_version
from tests.parts import deploying, services
from tests.parts.commands import said_by
from tests.parts.docker import SERVICE_IMAGE
from tests.parts.ecs.server import CLUSTER, Ecs
from tests.parts.kubernetes.machines import Machines, image_that_says
from tests.parts.ports import free_port

_COMPOSE = """\
services:
  auth:
    image: ${CI_STEPS_IMAGE}
    # A signal that comes before a first process listens for it is lost.
    stop_grace_period: 1s
    ports: ["127.0.0.1:${CI_STEPS_PORT}:8080"]
"""


@dataclass
class Shown:
    """What was shown."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class World:
    """A machine of its own: *folder* holds all state, and all processes work in it."""

    folder: Path
    source: Path
    target: Target
    environ: dict[str, str] = field(default_factory=dict)
    shown: Shown = field(default_factory=Shown)
    ports: dict[str, int] = field(default_factory=dict)
    environment: str = "staging"

    @property
    def shows_callers_what_is_not_proven(self) -> bool:
        """Whether a new version answers callers before it has proven itself."""
        return self.target is not process

    @property
    def outside(self) -> Outside:
        return Outside({**os.environ, **self.environ, "CI_STEPS_STATE": str(self.folder)})

    def build(self, version: str, commit: str = "4f1c2aa", says: str = "") -> Build:
        """Return auth at *version*; when deployed it *says* that, or something else."""
        build = services.build(self.source, version, commit)
        (self.source / "VERSION").write_text(says or version)
        return build

    def deploy(
        self,
        version: str,
        slot: str = "1",
        says: str = "",
        commit: str = "4f1c2aa",
        behaviour: str = "",
        for_good: bool = False,
        **options: Any,
    ) -> Placement:
        build = replace(self.build(version, commit, says), is_irreversible=for_good)
        return self.target.deploy(
            build,
            Place(self.environment, slot, {"BEHAVIOUR": behaviour} if behaviour else {}),
            self.options(slot, **options),
            self.outside,
            self.shown,
        )

    def rehearse(
        self, version: str, slot: str = "1", **options: Any
    ) -> tuple[Placement, list[str]]:
        said: list[str] = []
        outside = InertOutside(self.outside.environ, would=said.append)
        place = Place(self.environment, slot)
        found = self.target.deploy(
            self.build(version), place, self.options(slot, **options), outside, self.shown
        )
        return found, said

    def stop(self, slot: str = "1") -> None:
        place = Place(self.environment, slot)
        self.target.stop("auth", place, self.options(slot), self.outside)

    def options(self, slot: str, **options: Any) -> Any:
        if self.target is process:
            given = {"command": Command(services.COMMAND), "drain_seconds": 0.2, **options}
            return process.Options(**given)
        script = deploying.tool(self.folder / "tool")
        port = self.ports.setdefault(slot, free_port())
        calls = {
            name: Command(deploying.call(script, slot, port, act))
            for name, act in (
                ("command", "deploy"),
                ("rollback_command", "rollback"),
                ("stop_command", "stop"),
            )
        }
        return command.Options(**{"timeout_seconds": 1.0, **calls, **options})

    @property
    def replaces_always(self) -> bool:
        """Whether it is left to a tool that knows nothing of what already answers."""
        return self.target is command

    def told(self) -> str:
        """Return what another process needs to work in this world."""
        ours = ("DOCKER_HOST", "DOCKER_CONFIG", "KUBECONFIG", "MACHINES", "ECS", "BALANCER", "PORT")
        name = self.target.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
        shared = {key: value for key, value in self.environ.items() if key in ours}
        return json.dumps([name, str(self.folder), str(self.source), shared, self.ports])

    def begins(self) -> object:
        """Return whether a rollout shows that it has begun."""
        return self.shown.notes or self.shown.lines

    def left(self) -> object:
        """Return what still runs when all should have ended."""
        return services.await_end(self.folder)

    def running(self) -> object:
        """Return what runs now."""
        return self.processes()

    def processes(self) -> dict[int, str]:
        return services.processes_in(self.folder)

    def services(self) -> dict[int, str]:
        return {pid: line for pid, line in self.processes().items() if "service.py" in line}

    def supervisors(self) -> list[int]:
        return [pid for pid, line in self.processes().items() if "ci_steps.supervisor" in line]


@dataclass
class ComposeWorld(World):
    """An engine of its own; its images differ in what they say of themselves."""

    image: str = ""
    says_else: bool = False

    def build(self, version: str, commit: str = "4f1c2aa", says: str = "") -> Build:
        self.source.mkdir(parents=True, exist_ok=True)
        (self.source / "compose.yaml").write_text(_COMPOSE)
        self.says_else = bool(says)
        name = f"auth:{version}"
        self.docker(
            "build",
            "--quiet",
            "--tag",
            name,
            "-",
            text=f"FROM {self.image}\nENV SAYS={says or version}\n",
        )
        identity = self.docker("image", "inspect", "--format", "{{.Id}}", name)
        return Build("auth", parse_version(version), commit, self.source, name, identity)

    def options(self, slot: str, **options: Any) -> Any:
        ports = {slot: self.ports.setdefault(slot, free_port())}
        # What says something else of itself is asked until the time is over.
        patience = 4.0 if self.says_else else 30.0
        given = {"timeout_seconds": patience, "steady_seconds": 0.0, "line_ports": ports}
        return compose.Options(**{**given, **options})

    def left(self) -> object:
        return self.running()

    def running(self) -> list[str]:
        # An engine keeps the container of a step of a build that failed, too.
        of_compose = ("--filter", "label=com.docker.compose.project")
        listed = self.docker(
            "container", "ls", "--all", *of_compose, "--format", "{{.ID}} {{.Names}}"
        )
        return listed.splitlines()

    def docker(self, *arguments: str, text: str = "") -> str:
        return said_by("docker", *arguments, environ=self.environ, text=text).strip()


_MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "auth-${CI_STEPS_SLOT}"}
spec:
  replicas: 2
  selector: {matchLabels: {app: auth, slot: "${CI_STEPS_SLOT}"}}
  template:
    metadata: {labels: {app: auth, slot: "${CI_STEPS_SLOT}"}}
    spec:
      nodeName: nowhere  # endpoints are of machines
      terminationGracePeriodSeconds: 0
      containers: [{name: auth, image: "${CI_STEPS_IMAGE}"}]
---
apiVersion: v1
kind: Service
metadata: {name: "auth-${CI_STEPS_SLOT}"}
spec:
  selector: {app: auth, slot: "${CI_STEPS_SLOT}"}
  ports: [{port: 80, targetPort: 8080, protocol: TCP}]
"""


@dataclass
class KubernetesWorld(World):
    """A cluster of its own, whose `machines` answer at an address for each slot."""

    machines: Machines | None = None
    says_else: bool = False

    def build(self, version: str, commit: str = "4f1c2aa", says: str = "") -> Build:
        (self.source / "k8s").mkdir(parents=True, exist_ok=True)
        (self.source / "k8s" / "auth.yaml").write_text(_MANIFESTS)
        self.says_else = bool(says)
        name = image_that_says(says or version)
        digest = f"sha256:{hashlib.sha256(f'{name}{version}{commit}'.encode()).hexdigest()}"
        return Build("auth", parse_version(version), commit, self.source, f"{name}:1", digest)

    def options(self, slot: str, **options: Any) -> Any:
        where = f"{self.address}/{object_suffix(slot)}"
        patience = 2.0 if self.says_else else 30.0
        given = {"address": where, "timeout_seconds": patience, "steady_seconds": 0.0}
        return kubernetes.Options(**{**given, **options})

    @property
    def address(self) -> str:
        return self.machines.address if self.machines else self.environ["MACHINES"]

    def left(self) -> object:
        with suppress(AssertionError):
            await_(lambda: not self.running())
        return self.running()

    def running(self) -> list[str]:
        return sorted(self.machines.pods()) if self.machines else []


_TASK = """\
{"networkMode": "awsvpc", "cpu": "256", "memory": "512",
 "containerDefinitions": [
   {"name": "auth", "image": "${CI_STEPS_IMAGE}", "memory": 128,
    "portMappings": [{"containerPort": %s}]}]}
"""
_SERVICE = """\
{"launchType": "FARGATE", "desiredCount": %s,
 "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}
"""


@dataclass
class EcsWorld(World):
    """A cluster of a stand-in, whose tasks are processes behind a balancer."""

    region: Ecs | None = None
    says_else: bool = False
    door: Outside | None = None

    @property
    def outside(self) -> Outside:
        # One for the whole test: a client of boto3 is worth keeping.
        self.door = self.door or super().outside
        return self.door

    def build(self, version: str, commit: str = "4f1c2aa", says: str = "") -> Build:
        (self.source / "ecs").mkdir(parents=True, exist_ok=True)
        (self.source / "ecs" / "task.json").write_text(_TASK % self.environ["PORT"])
        (self.source / "ecs" / "service.json").write_text(_SERVICE % 1)
        (self.source / "ecs" / "two.json").write_text(_SERVICE % 2)
        self.says_else = bool(says)
        name = image_that_says(says or version)
        digest = f"sha256:{hashlib.sha256(f'{name}{version}{commit}'.encode()).hexdigest()}"
        return Build("auth", parse_version(version), commit, self.source, f"{name}:1", digest)

    def options(self, slot: str, **options: Any) -> Any:
        given = {
            "cluster": CLUSTER,
            "endpoint": self.environ["ECS"],
            "service": "auth-${CI_STEPS_ENVIRONMENT}-${CI_STEPS_SLOT}",
            "task_definition": "ecs/task.json",
            "service_definition": "ecs/service.json",
            "port": int(self.environ["PORT"]),
            "address": f"{self.environ['BALANCER']}/{self.name(slot)}",
            "timeout_seconds": 2.0 if self.says_else else 30.0,
            "rollback_seconds": 30.0,
            "steady_seconds": 0.0,
        }
        return ecs.Options(**{**given, **options})

    def name(self, slot: str = "1") -> str:
        """Return what its service is called in the cluster."""
        return f"auth-{object_suffix(self.environment)}-{object_suffix(slot)}"

    def left(self) -> object:
        return self.running()

    def running(self) -> list[str]:
        return [task.id for task in self.region.tasks()] if self.region else []


def world_as_told(text: str) -> World:
    """Return the world that another process told of."""
    name, folder, source, environ, ports = json.loads(text)
    kinds: dict[str, type[World]] = {
        "compose": ComposeWorld,
        "kubernetes": KubernetesWorld,
        "ecs": EcsWorld,
    }
    kind = kinds.get(name, World)
    target = registry.TARGETS[name]
    world = kind(Path(folder), Path(source), target, environ=environ, ports=ports)
    if isinstance(world, ComposeWorld):
        world.image = SERVICE_IMAGE
    return world


def ask(placement: Placement | str, path: str = "/version") -> str:
    """Return what a service answers, on a connection of its own."""
    address = placement if isinstance(placement, str) else placement.address
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        text: str = answer.read().decode()
    return json.loads(text)["version"] if path == "/version" else text


def await_(condition: Callable[[], object], seconds: float = 15) -> None:
    """Wait for what nobody tells us."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
