"""What the labels of running containers say of a provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.deploying.containers import Container, Engine, published
from ci_steps.deploying.replicas import agreeing
from ci_steps.errors import CiStepsError
from ci_steps.probing.labelled import labelled
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Question

_ENVIRONMENT = "CI_STEPS_ENVIRONMENT"


@dataclass(frozen=True)
class Asked:
    """Which containers are the provider's, and which of their labels holds the version.

    Those of one *group* must agree: callers cannot tell them apart.
    """

    labels: tuple[str, ...]
    version_label: str
    port: int
    context: str
    group: Callable[[Container], str] = lambda container: ""
    by_line: bool = False


def read_labels(asked: Asked, question: Question, outside: Outside) -> tuple[Found, ...]:
    """Return what each container says; none that runs is a problem too, and nothing is raised.

    What ci-steps deployed to another environment is left out.
    """
    try:
        containers = _containers(asked, question, outside)
    except CiStepsError as error:
        return (Found("docker", problem=str(error)),)
    if not containers:
        named = " and ".join(asked.labels)
        return (Found("docker", problem=f"no container runs with the label {named}"),)
    groups: dict[str, list[Found]] = defaultdict(list)
    for one in containers:
        groups[asked.group(one)].append(_found(one, asked, outside))
    return tuple(
        found for group in groups.values() for found in agreeing(group, by_line=asked.by_line)
    )


def _containers(asked: Asked, question: Question, outside: Outside) -> Iterable[Container]:
    engine = Engine(outside, asked.context, question.timeout_seconds)
    return [
        one
        for one in engine.containers(asked.labels)
        if one.environment.get(_ENVIRONMENT, question.environment) == question.environment
    ]


def _found(container: Container, asked: Asked, outside: Outside) -> Found:
    where = f"container {container.name}"
    # Where an engine of another context publishes ports, nobody says.
    address = "" if asked.context else published(container, asked.port, outside)
    if not container.is_ready:
        state = container.status if container.status != "running" else container.health
        return Found(where, problem=f"it is {state}", address=address or where)
    return labelled(where, container.labels, asked.version_label, address or where)
