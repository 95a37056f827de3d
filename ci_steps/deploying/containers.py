"""Containers as the engine of docker describes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
_ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (what an engine answers)
_THIS_MACHINE = "127.0.0.1"


@dataclass(frozen=True)
class Container:
    """One container as the engine sees it; `health` is empty where nothing checks it."""

    id: str
    name: str
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
class Engine:
    """The engine of docker, of a context or the usual one."""

    outside: Outside
    context: str = ""
    timeout_seconds: float = 60

    def containers(self, labels: Iterable[str], *, ended: bool = False) -> tuple[Container, ...]:
        """Return the containers with all of *labels*, those that have *ended* as well if asked."""
        every = ("--all",) if ended else ()
        found = self.ids("container", "ls", *every, labels=labels)
        if not found:
            return ()
        text = self.ask("container", "inspect", *found)
        try:
            return tuple(_container(one) for one in json.loads(text))
        except (LookupError, TypeError, ValueError, AttributeError):
            raise OutsideError("docker describes containers in a way that is not known") from None

    def ids(self, *command: str, labels: Iterable[str]) -> list[str]:
        """Return what a listing has with all of *labels*."""
        filters = (part for label in labels for part in ("--filter", f"label={label}"))
        return self.ask(*command, "--quiet", *filters).split()

    def ask(self, *command: str) -> str:
        """Return what docker answers; OutsideError in its own words if it does not."""
        where = ("--context", self.context) if self.context else ()
        answer = self.outside.ask(
            ["docker", *where, *command], timeout_seconds=self.timeout_seconds
        )
        if not answer.ok:
            raise OutsideError(f"docker does not answer: {answer.last_line}")
        return answer.output


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


def _container(one: Any) -> Container:
    state, config = one["State"], one["Config"]
    bound = one["NetworkSettings"]["Ports"] or {}
    return Container(
        id=one["Id"],
        name=one["Name"].removeprefix("/"),
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


def _address(bound: Mapping[str, str]) -> str:
    host = bound["HostIp"]
    return f"{'' if host in _ANYWHERE else host}:{bound['HostPort']}"
