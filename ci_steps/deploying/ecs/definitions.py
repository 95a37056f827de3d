"""The task definition and the service of ECS as files say them, with what ci-steps puts in."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci_steps.deploying.ecs.rollout import CONTENT
from ci_steps.deploying.placeholders import fill
from ci_steps.errors import RefusedError, UsageError
from ci_steps.writing.nearest import did_you_mean

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html
_TAG = re.compile(r"[\w .:/=+@-]{0,256}")
# What DescribeTaskDefinition answers and RegisterTaskDefinition does not take.
_READ_ONLY = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
        "deleteRequestedAt",
    }
)
_MOST_BYTES = 1_000_000
_BREAKER = "deploymentCircuitBreaker"


@dataclass(frozen=True)
class Inserted:
    """What is put into the task definition of a build."""

    service: str
    image: str
    container: str
    family: str
    tags: Mapping[str, str]
    labels: Mapping[str, str]
    told: Mapping[str, str]


def read(root: Path, name: str, filled: Mapping[str, str]) -> dict[str, Any]:
    """Return a file of JSON with ${CI_STEPS_…} filled in; UsageError says where it is wrong."""
    try:
        content = (root / name).read_bytes()
        text = fill(content.decode(), filled)
        document = json.loads(text) if len(content) <= _MOST_BYTES else None
    except OSError as error:
        raise UsageError(
            f"{name}: {(error.strerror or 'unreadable').lower()}", hint=_HINT
        ) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}: {error.msg.lower()}", hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: it is not JSON in UTF-8", hint=_HINT) from error
    if not isinstance(document, dict):
        problem = "not an object" if document is not None else f"more than {_MOST_BYTES:,} bytes"
        raise UsageError(f"{name}: it is {problem}", hint=_HINT)
    return document


_HINT = "Write it as `aws ecs register-task-definition` and `create-service` take it."


def task_definition(document: Mapping[str, Any], what: Inserted) -> dict[str, Any]:
    """Return what is registered: *document*, which ECS itself may have written, and our part."""
    document = document.get("taskDefinition", document)
    request = {key: value for key, value in document.items() if key not in {*_READ_ONLY, "tags"}}
    request.setdefault("family", what.family)
    containers = request.get("containerDefinitions")
    if not isinstance(containers, list) or not all(isinstance(one, dict) for one in containers):
        raise RefusedError("the task definition has no list `containerDefinitions`", hint=_HINT)
    ours = _container(containers, what)
    request["containerDefinitions"] = [
        _with_ours(one, what) if one is ours else one for one in containers
    ]
    # The same again is the same revision: what it was made of is kept in a tag.
    content = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    own = {one["key"]: one.get("value", "") for one in document.get("tags") or ()}
    request["tags"] = tags({**own, **what.tags, CONTENT: content})
    return request


def service(
    document: Mapping[str, Any], own_tags: Mapping[str, str], *, goes_back: bool
) -> dict[str, Any]:
    """Return what a service is made with: *document*, our tags and a circuit breaker."""
    is_daemon = document.get("schedulingStrategy") == "DAEMON"
    begins = {} if is_daemon else {"desiredCount": 1}
    theirs = {one["key"]: one.get("value", "") for one in document.get("tags") or ()}
    configuration = document.get("deploymentConfiguration") or {}
    return {
        "propagateTags": "TASK_DEFINITION",
        **begins,
        **{key: value for key, value in document.items() if key != "cluster"},
        "deploymentConfiguration": with_breaker(configuration, goes_back=goes_back),
        "tags": tags({**theirs, **own_tags}),
    }


def with_breaker(configuration: Mapping[str, Any], *, goes_back: bool) -> dict[str, Any]:
    """Return how a service is deployed: with a circuit breaker, which *goes_back* by itself or not.

    It does so even when the job was killed, and must not where nothing may be brought back.
    """
    present = configuration.get(_BREAKER) or {}
    return {**configuration, _BREAKER: {**present, "enable": True, "rollback": goes_back}}


def tags(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as ECS takes them; RefusedError quotes what cannot be one."""
    for key, value in values.items():
        if not _TAG.fullmatch(value):
            raise RefusedError(
                f"{value!r} is no value of a tag in AWS ({key})",
                hint="It may have 256 letters, digits, spaces and . : / = + - @ _.",
            )
    return [{"key": key, "value": value} for key, value in values.items()]


def _with_ours(container: Mapping[str, Any], what: Inserted) -> dict[str, Any]:
    known = {one["name"]: one["value"] for one in container.get("environment") or ()}
    told = {**known, **what.told}
    return {
        **container,
        **({"image": what.image} if what.image else {}),
        "environment": [{"name": name, "value": value} for name, value in sorted(told.items())],
        "dockerLabels": {**(container.get("dockerLabels") or {}), **what.labels},
    }


def _container(containers: Sequence[Any], what: Inserted) -> Any:
    name = what.container or what.service
    found = {str(one.get("name", "")): one for one in containers}
    if len(found) == 1 and not what.container:
        return containers[0]
    if name not in found:
        raise RefusedError(
            f"the task definition has no container {name!r}{did_you_mean(name, found)}",
            hint="Name the one that is this build under `container`.",
        )
    return found[name]
