"""A project of Docker Compose: the tool that deploys it, the engine that knows its containers.

The plugin (``docker compose``) and the program before it (``docker-compose`` 1.29) put the same
labels on what they make, so that the engine is asked and not the tool.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.deploying.containers import PROJECT, SERVICE, Container, Engine
from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_LOG_LINES = "12"
_PATIENCE_SECONDS = 15


@dataclass(frozen=True)
class Project:
    """The containers of one slot of a service."""

    name: str
    outside: Outside

    def containers(self, service: str = "") -> tuple[Container, ...]:
        """Return its containers, or those of one service in its file."""
        return self._engine.containers(self._labels(service), ended=True)

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

    def _ids(self, *command: str) -> list[str]:
        return self._engine.ids(*command, labels=self._labels())

    def _labels(self, service: str = "") -> tuple[str, ...]:
        own = f"{PROJECT}={self.name}"
        return (own, f"{SERVICE}={service}") if service else (own,)

    @property
    def _engine(self) -> Engine:
        return Engine(self.outside)

    def _run(self, *command: str) -> None:
        ended = self.outside.run(["docker", *command], timeout_seconds=120)
        if not ended.ok:
            raise OutsideError(f"docker {command[0]} {command[1]}: {ended.last_line}")


def missing_tool(outside: Outside) -> str:
    """Return why nothing can be deployed by Compose here, or nothing."""
    try:
        compose_tool(outside)
    except OutsideError as error:
        return str(error)
    version = ("docker", "version", "--format", "{{.Server.Version}}")
    answer = outside.ask(version, timeout_seconds=_PATIENCE_SECONDS)
    return "" if answer.ok else f"docker does not answer: {answer.last_line}"


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
