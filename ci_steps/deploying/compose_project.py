"""A project of Docker Compose: the tool that deploys it, the engine that knows its containers.

The plugin (``docker compose``) and the program before it (``docker-compose`` 1.29) put the same
labels on what they make, so that the engine is asked and not the tool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_LOG_LINES = "12"
_PATIENCE_SECONDS = 15
_ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (what an engine answers)
_THIS_MACHINE = "127.0.0.1"


@dataclass(frozen=True)
class Container:
    """One container as the engine sees it; `health` is empty where nothing checks it."""

    id: str
    image: str
    status: str
    health: str
    exit_code: int
    restarts: int
    ports: Mapping[int, tuple[str, ...]]
    environment: Mapping[str, str]
    labels: Mapping[str, str]

    @property
    def trouble(self) -> str:
        """Why it will not become better, or nothing."""
        if self.restarts or self.status in {"exited", "dead", "restarting"}:
            return f"it ended (exit status {self.exit_code})"
        return "it is unhealthy" if self.health == "unhealthy" else ""

    @property
    def is_ready(self) -> bool:
        """Whether it runs and, where something checks that, is healthy."""
        return self.status == "running" and self.health in {"", "healthy"}


@dataclass(frozen=True)
class Project:
    """The containers of one slot of a service."""

    name: str
    outside: Outside

    def containers(self, service: str = "") -> tuple[Container, ...]:
        """Return its containers, or those of one service in its file."""
        found = self._ids("container", "ls", "--all", service=service)
        if not found:
            return ()
        document = json.loads(self._asked("container", "inspect", *found))
        return tuple(_container(one) for one in document)

    def last_lines(self, container: Container) -> list[str]:
        """Return what a container printed last."""
        answer = self.outside.ask(["docker", "logs", "--tail", _LOG_LINES, container.id])
        return answer.output.splitlines()

    def image_id(self, image: str) -> str:
        """Return the id of an image of this machine, or nothing."""
        answer = self.outside.ask(["docker", "image", "inspect", "--format", "{{.Id}}", image])
        return answer.output.strip().splitlines()[-1] if answer.ok and answer.output else ""

    def end(self) -> None:
        """Stop and remove its containers and networks; what they keep in volumes stays."""
        containers = self._ids("container", "ls", "--all")
        for command in (("container", "stop"), ("container", "rm", "--force")):
            if containers:
                self._run(*command, *containers)
        networks = self._ids("network", "ls")
        if networks:
            self._run("network", "rm", *networks)

    def _ids(self, *command: str, service: str = "") -> list[str]:
        labels = [f"{_PROJECT}={self.name}"]
        if service:
            labels.append(f"{_SERVICE}={service}")
        filters = (part for label in labels for part in ("--filter", f"label={label}"))
        return self._asked(*command, "--quiet", *filters).split()

    def _asked(self, *command: str) -> str:
        answer = self.outside.ask(["docker", *command])
        if not answer.ok:
            raise OutsideError(f"docker does not answer: {_last(answer.output) or answer.how}")
        return answer.output

    def _run(self, *command: str) -> None:
        ended = self.outside.run(["docker", *command], timeout_seconds=120)
        if not ended.ok:
            raise OutsideError(f"docker {command[0]} {command[1]}: {_last(ended.output)}")


def missing_tool(outside: Outside) -> str:
    """Return why nothing can be deployed by Compose here, or nothing."""
    try:
        compose_tool(outside)
    except OutsideError as error:
        return str(error)
    version = ("docker", "version", "--format", "{{.Server.Version}}")
    answer = outside.ask(version, timeout_seconds=_PATIENCE_SECONDS)
    return "" if answer.ok else f"docker does not answer: {_last(answer.output) or answer.how}"


def compose_tool(outside: Outside) -> tuple[str, ...]:
    """Return the command of Compose: the plugin of docker, or else the program before it."""
    if outside.rehearsing:
        return ("docker", "compose")
    if outside.which("docker") is None:
        raise OutsideError("no program 'docker'", hint="Install docker and its Compose plugin.")
    if outside.ask(["docker", "compose", "version"]).ok:
        return ("docker", "compose")
    if outside.which("docker-compose"):
        return ("docker-compose",)
    raise OutsideError(
        "docker has no plugin 'compose', and there is no program 'docker-compose'",
        hint="Install one of them; the plugin is the newer one.",
    )


def _container(one: Any) -> Container:
    try:
        state, config = one["State"], one["Config"]
        bound = one["NetworkSettings"]["Ports"] or {}
        return Container(
            id=one["Id"],
            image=one["Image"],
            status=state["Status"],
            health=(state.get("Health") or {}).get("Status", ""),
            exit_code=state["ExitCode"],
            restarts=one["RestartCount"],
            ports={
                int(port.partition("/")[0]): tuple(map(_address, hosts or ()))
                for port, hosts in bound.items()
                if port.endswith("/tcp")
            },
            environment=dict(entry.partition("=")[::2] for entry in config["Env"] or ()),
            labels=config["Labels"] or {},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutsideError("docker describes a container in a way that is not known") from error


def _address(bound: Mapping[str, str]) -> str:
    host = bound["HostIp"]
    return f"{'' if host in _ANYWHERE else host}:{bound['HostPort']}"


def published(container: Container, port: int, outside: Outside) -> str:
    """Return where callers reach *port* of a container, 0 being its only one; or nothing."""
    ports = [port] if port else [number for number, hosts in container.ports.items() if hosts]
    hosts = container.ports.get(ports[0], ()) if len(ports) == 1 else ()
    if not hosts:
        return ""
    host, _, number = hosts[0].rpartition(":")
    if ":" in host:
        host = f"[{host}]"
    return f"http://{host or _engine_host(outside)}:{number}"


def _engine_host(outside: Outside) -> str:
    """Return the machine of the engine, which publishes ports there."""
    where = urlsplit(outside.environ.get("DOCKER_HOST", ""))
    return where.hostname or _THIS_MACHINE if where.scheme in {"tcp", "ssh"} else _THIS_MACHINE


def _last(output: str) -> str:
    return (output.strip().splitlines() or [""])[-1]
