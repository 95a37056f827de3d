"""Amazon ECS, by boto3: a task definition for each build, each of its tasks asked itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.deploying import answering
from ci_steps.deploying.attempts import brought_back, only_attempt
from ci_steps.deploying.ecs import definitions, rollout
from ci_steps.deploying.ecs.cluster import Cluster
from ci_steps.deploying.ecs.definitions import Inserted
from ci_steps.deploying.ecs.rolling import Rolling, begun, keep_proven, prepared, roll_back
from ci_steps.deploying.ecs.rollout import COMMIT, MADE, SLOT, Task
from ci_steps.deploying.ecs.slots import EcsSlot
from ci_steps.deploying.ecs.watching import More, Watched
from ci_steps.deploying.proving import Expected
from ci_steps.deploying.service_variables import service_variables
from ci_steps.errors import RefusedError
from ci_steps.images.labels import REVISION, TITLE, VERSION
from ci_steps.options import option
from ci_steps.outside.aws import INSTALL, MISSING, AwsApi, AwsError
from ci_steps.protocols import Build, Place, Placement, Progress

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.versions import Version

# What AWS answers to a definition that is not as it should be.
_INVALID = frozenset(
    {
        "ParamValidationError",
        "ClientException",
        "InvalidParameterException",
        "PlatformUnknownException",
        "PlatformTaskDefinitionIncompatibilityException",
        "UnsupportedFeatureException",
    }
)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `ecs`."""

    cluster: str = option("", "Name or ARN of the cluster; the one called `default` if empty.")
    service: str = option(
        "",
        "Name of the service in the cluster; made of service, environment and slot if empty. "
        "${CI_STEPS_SLOT} and ${CI_STEPS_ENVIRONMENT} are filled in.",
        example="auth-${CI_STEPS_SLOT}",
    )
    task_definition: str = option(
        "",
        "File with the task definition in JSON; without it that which runs gets the new image.",
        example="ecs/task.json",
    )
    service_definition: str = option(
        "",
        "File with what the service is made with, in JSON, where it is not there yet.",
        example="ecs/service.json",
    )
    container: str = option(
        "", "The container that is this build, if there are several and none has its name."
    )
    region: str = option("", "The region of AWS; that which boto3 finds if empty.")
    profile: str = option("", "The profile of boto3 whose credentials are used.")
    endpoint: str = option(
        "", "Where ECS answers, if not at its usual address.", example="https://ecs.vpc.example"
    )
    port: int = option(
        0,
        "Port at which each task is asked for its version, at its own address; 0 asks none.",
        at_least=0,
    )
    address: str = answering.address()
    version: str = answering.VERSION
    version_key: str = answering.VERSION_KEY
    failures: int = option(
        2,
        "How many of its tasks may fail until it is rolled back, if ECS does not say so earlier.",
        at_least=1,
    )
    timeout_seconds: float = answering.timeout_seconds(
        900.0, "ECS may take until only tasks of this build run, and answer"
    )
    rollback_seconds: float = option(
        900.0, "How long it may take until what ran before is there again.", at_least=0.1
    )
    steady_seconds: float = answering.steady_seconds(10.0)
    variables: dict[str, str] = answering.VARIABLES


def deploy(
    build: Build, place: Place, options: Options, outside: Outside, progress: Progress
) -> Placement:
    """Let ECS roll the build out, and return when only its tasks run, and all of them answer."""
    called = f"{build.service} {build.version}"
    with _explained(called):
        rolling = _rolling(build, place, options, outside, progress)
        if outside.rehearsing:
            return _rehearsed(rolling, options, called)
    with only_attempt(build.service, place, outside), _explained(called):
        rolling = prepared(rolling)
        with brought_back(partial(roll_back, rolling), build, progress):
            tasks = _prove(begun(rolling), options, rolling.asking(build.version))
            keep_proven(rolling)
    return Placement(options.address, f"{called} {_seen(options, len(tasks))}")


def stop(service: str, place: Place, options: Options, outside: Outside) -> None:
    """End the tasks of the slot; its ECS service is deleted where ci-steps made it."""
    slot = _slot(service, place, options, outside)
    with only_attempt(service, place, outside):
        found = slot.cluster.service(slot.name)
        if found is None or SLOT not in found.tags or not slot.may_be(found):
            return
        if MADE in found.tags:
            slot.cluster.delete(slot.name)
        else:
            slot.cluster.update(slot.name, desiredCount=0)
        slot.await_end(options.rollback_seconds)


def missing(outside: Outside) -> str:  # noqa: ARG001 (the protocol's)
    """Return why nothing can be deployed to ECS here, or nothing when it can."""
    return "" if find_spec("boto3") else f"{MISSING}; {INSTALL}"


def _slot(service: str, place: Place, options: Options, outside: Outside) -> EcsSlot:
    # Other tools of AWS read this variable, and boto3 does not.
    region = options.region or outside.environ.get("AWS_REGION", "")
    api = AwsApi("ecs", region, options.profile, options.endpoint)
    return EcsSlot(service, place, Cluster(api, options.cluster, outside), options.service)


def _rolling(
    build: Build, place: Place, options: Options, outside: Outside, progress: Progress
) -> Rolling:
    slot = _slot(build.service, place, options, outside)
    filled = {
        **slot.filled,
        "CI_STEPS_VERSION": str(build.version),
        "CI_STEPS_IMAGE": build.pinned_image,
    }
    files = [
        definitions.read(build.root, name, filled) if name else None
        for name in (options.task_definition, options.service_definition)
    ]
    return Rolling(
        slot=slot,
        inserted=_inserted(build, slot, options),
        task_definition=files[0],
        service_definition=files[1],
        progress=progress,
        failures=options.failures,
        rollback_seconds=options.rollback_seconds,
        goes_back=not build.is_irreversible,
        asking=partial(_asking, options, outside),
    )


def _inserted(build: Build, slot: EcsSlot, options: Options) -> Inserted:
    return Inserted(
        service=build.service,
        image=build.pinned_image,
        container=options.container,
        family=slot.name,
        tags={**slot.tags, rollout.VERSION: str(build.version), COMMIT: build.commit},
        labels={TITLE: build.service, VERSION: str(build.version), REVISION: build.commit},
        told=service_variables(build, slot.place, options.variables),
    )


def _rehearsed(rolling: Rolling, options: Options, called: str) -> Placement:
    """Say what would be told to ECS."""
    cluster, document = rolling.slot.cluster, rolling.task_definition
    request: dict[str, Any] = {}
    if document is not None:
        request = definitions.task_definition(document, rolling.inserted)
    cluster.register(request)
    cluster.outside.call_aws(cluster.api, "update_service", {"service": rolling.slot.name})
    return Placement(options.address, f"{called} is supposed to answer")


@contextmanager
def _explained(called: str) -> Iterator[None]:
    """Say of a refusal what was refused, and of what ECS does not take that it is so."""
    try:
        yield
    except RefusedError as refused:
        text = f"{called} was not deployed: {refused}"
        raise RefusedError(text, hint=refused.hint) from refused
    except AwsError as error:
        if error.code not in _INVALID:
            raise
        text = f"{called} was not deployed: {error}"
        raise RefusedError(text, hint=error.hint or _AS_TAKEN) from error


_AS_TAKEN = "Correct `task_definition` or `service_definition`."


def _prove(watched: Watched, options: Options, unanswered: More) -> tuple[Task, ...]:
    """Return the tasks when every one is of this build and goes on answering."""
    tasks = watched.await_over(options.timeout_seconds, unanswered)
    watched.await_steady(options.steady_seconds, unanswered)
    return tasks


def _seen(options: Options, count: int) -> str:
    if options.address:
        return f"answers at {options.address}"
    tasks = f"{count} task{'s' if count > 1 else ''}"
    if options.port:
        return f"is answered by {tasks}"
    return f"is in {tasks} that run; nobody asked for the version"


def _asking(options: Options, outside: Outside, version: Version) -> More:
    """Return the question who of the tasks, or at the address of callers, does not answer."""
    expected = Expected(version, options.version, options.version_key)

    def unanswered(tasks: tuple[Task, ...]) -> str:
        asked = [options.address] if options.address and tasks else []
        for task in tasks if options.port else ():
            if not task.address:
                return f"task {task.id} has no network interface, so that nobody can ask it"
            asked.append(f"http://{task.address}:{options.port}")
        answers = outside.parallel(lambda address: expected.problem(address, outside), asked)
        return next(filter(None, answers), "")

    return unanswered
