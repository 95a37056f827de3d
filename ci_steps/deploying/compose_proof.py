"""What Compose started is proven when every container runs the image, is healthy, and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.deploying.containers import Container, published
from ci_steps.deploying.proving import Expected, await_version, watch
from ci_steps.errors import RefusedError

if TYPE_CHECKING:
    from ci_steps.deploying.compose_project import Project
    from ci_steps.outside import Outside

_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Proof:
    """The containers of a service in a project, and what each of them must answer.

    *refused* makes an error of why they do not, with what a container printed last.
    """

    project: Project
    service: str
    image: str
    expected: Expected
    address: str
    port: int
    timeout_seconds: float
    refused: Callable[[str, Container | None], RefusedError]

    def addresses(self) -> tuple[str, ...]:
        """Return where callers reach it and each container answers, when all of them do."""
        deadline = self._outside.seconds() + self.timeout_seconds
        addresses = self._addresses(self._healthy(deadline))
        left = max(0.0, deadline - self._outside.seconds())
        with self._explained():
            await_version(
                self.expected,
                addresses,
                self._outside,
                timeout_seconds=left,
                check=self._check_trouble,
            )
        return addresses

    def watch(self, addresses: tuple[str, ...], seconds: float) -> None:
        """Return when all of *addresses* went on answering."""
        with self._explained():
            watch(self.expected, addresses, self._outside, seconds=seconds)

    @property
    def _outside(self) -> Outside:
        return self.project.outside

    def _check_trouble(self) -> None:
        for container in self.project.containers(self.service):
            if container.trouble:
                raise RefusedError(container.trouble)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say of a refusal what the container printed, and whether it has ended."""
        try:
            yield
        except RefusedError as refused:
            container = next(iter(self.project.containers(self.service)), None)
            problem = container.trouble if container and container.trouble else str(refused)
            raise self.refused(problem, container) from refused

    def _healthy(self, deadline: float) -> tuple[Container, ...]:
        expected = self.project.image_id(self.image) if self.image else ""
        while True:
            containers = self.project.containers(self.service)
            for container in containers:
                if container.trouble:
                    raise self.refused(container.trouble, container)
                if expected and container.image != expected:
                    raise self.refused(f"a container runs the image {container.image}", container)
            if containers and all(container.is_ready for container in containers):
                return containers
            if self._outside.seconds() > deadline:
                problem = f"it was not healthy within {self.timeout_seconds:g} s"
                raise self.refused(problem, containers[0] if containers else None)
            self._outside.pause(_POLL_SECONDS)

    def _addresses(self, containers: tuple[Container, ...]) -> tuple[str, ...]:
        """Return every address that must answer: the callers', and that of each container."""
        found = [published(one, self.port, self._outside) for one in containers]
        addresses = tuple(filter(None, (self.address, *found)))
        if not addresses:
            refused = self.refused("nothing says where it answers", None)
            refused.hint = (
                "Publish its port in the files of Compose (and name it under `port` if there are "
                "several), or give the target an address."
            )
            raise refused
        return addresses
