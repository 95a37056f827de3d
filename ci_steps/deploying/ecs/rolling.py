"""Bringing a service of ECS to a build, and back to what was proven before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ci_steps.deploying.ecs import definitions
from ci_steps.deploying.ecs.definitions import Inserted
from ci_steps.deploying.ecs.rollout import (
    CONTENT,
    MADE,
    PROVEN,
    SERVICE,
    VERSION,
    Service,
    short,
    tags_of,
)
from ci_steps.deploying.ecs.slots import EcsSlot
from ci_steps.deploying.ecs.watching import More, Watched
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.protocols import Progress
from ci_steps.versions import Version, parse_version


@dataclass(frozen=True)
class Rolling:
    """What is brought to a slot; a definition is None where no file says it.

    ECS `goes_back` by itself from what fails, unless the build is irreversible. `asking` makes the
    question who of the tasks does not answer a version. `before` is the service
    as it was, `former` the task definition that was proven in it, and `template` that of the build.
    """

    slot: EcsSlot
    inserted: Inserted
    task_definition: Mapping[str, Any] | None
    service_definition: Mapping[str, Any] | None
    progress: Progress
    failures: int
    rollback_seconds: float
    goes_back: bool
    asking: Callable[[Version], More]
    before: Service | None = None
    former: str = ""
    template: str = ""

    def watched(self, task_definition: str, since: Service | None, **how: Any) -> Watched:
        """Return a rollout to be watched, of which what ECS has told already is known."""
        known = set(since.events) if since else set()
        slot = self.slot
        return Watched(slot.cluster, slot.name, task_definition, self.progress, known=known, **how)


def prepared(rolling: Rolling) -> Rolling:
    """Look at what is there, and register the task definition; nothing that runs has changed."""
    rolling = replace(rolling, before=rolling.slot.present(rolling.rollback_seconds))
    rolling = replace(rolling, former=_former(rolling))
    return replace(rolling, template=_registered(rolling))


def _former(rolling: Rolling) -> str:
    """Return the task definition to go back to, or nothing where none was ever proven.

    What somebody else has deployed is taken as it runs, and marked as that before it changes.
    """
    before = rolling.before
    if before is None:
        return ""
    if SERVICE not in before.tags:
        present = {**rolling.slot.tags, PROVEN: short(before.task_definition)}
        rolling.slot.cluster.tag(before.arn, definitions.tags(present))
        return before.task_definition
    proven = before.tags.get(PROVEN, "")
    if short(before.task_definition) != proven:
        rolling.progress.note(f"a deployment of {rolling.inserted.service} was not finished")
    return proven


def _registered(rolling: Rolling) -> str:
    """Return the ARN of the task definition of this build, which may run already."""
    before, cluster = rolling.before, rolling.slot.cluster
    if before is None and None in (rolling.task_definition, rolling.service_definition):
        raise RefusedError(
            f"there is no ECS service {rolling.slot.name!r}, or it is INACTIVE: deleted",
            hint="Make it, name it under `service`, or let the files `task_definition` and "
            "`service_definition` say what ci-steps makes it of.",
        )
    present = cluster.definition(before.task_definition) if before else {}
    document = rolling.task_definition
    if document is None:
        document = cluster.definition(rolling.former) if rolling.former else present
    request = definitions.task_definition(document, rolling.inserted)
    if before and tags_of(present).get(CONTENT) == tags_of(request)[CONTENT]:
        return before.task_definition
    return cluster.register(request)


def begun(rolling: Rolling) -> Watched:
    """Let the service become one of the task definition; return what is to be watched."""
    before, slot, template = rolling.before, rolling.slot, rolling.template
    watched = rolling.watched(template, before, failures=rolling.failures)
    rolling.progress.note(f"ECS brings {slot.name} to {short(template)}")
    # From here on nobody may go back behind a build that is irreversible, whatever comes of it.
    mark = {} if rolling.goes_back else {PROVEN: short(template)}
    document = rolling.service_definition or {}
    own = {**slot.tags, MADE: "yes", **mark}
    made = definitions.service(document, own, goes_back=rolling.goes_back)
    if before is None:
        request = {**made, "serviceName": slot.name, "taskDefinition": template}
        watched.begins(slot.cluster.create(request))
        return watched
    if mark:
        slot.cluster.tag(before.arn, definitions.tags(mark))
    wanted = changed(before, template, made, goes_back=rolling.goes_back)
    watched.begins(slot.cluster.update(slot.name, **wanted) if wanted else before)
    return watched


def changed(
    before: Service, template: str, made: Mapping[str, Any], *, goes_back: bool
) -> dict[str, Any]:
    """Return what a service is told so that it becomes one of the task definition."""
    wanted: dict[str, Any] = {}
    if before.task_definition != template:
        wanted["taskDefinition"] = template
    elif before.primary and before.primary.state == "FAILED":
        wanted["forceNewDeployment"] = True  # one that failed is not tried again by itself
    if not before.desired:
        wanted["desiredCount"] = made.get("desiredCount", 1)
    configuration = definitions.with_breaker(before.configuration, goes_back=goes_back)
    if configuration != before.configuration:
        wanted["deploymentConfiguration"] = configuration
    return wanted


def roll_back(rolling: Rolling) -> None:
    """Return when only tasks of what was proven run again, or none where nothing was."""
    slot, former = rolling.slot, rolling.former
    rolling.progress.note("rolling back to what ran before" if former else "deleting it")
    if not former:
        slot.cluster.delete(slot.name)
        slot.await_end(rolling.rollback_seconds)
        return
    service = slot.cluster.service(slot.name)
    if service is None:
        raise OutsideError(f"somebody has deleted the ECS service {slot.name!r}")
    if not _is_ours(rolling, service):
        other = short(service.task_definition)
        rolling.progress.note(f"{other} was deployed meanwhile, and is left as it is")
        return
    service = _wanting_former(rolling, service)
    watched = rolling.watched(service.task_definition, service, least=0)
    watched.begins(service)
    watched.await_over(rolling.rollback_seconds, _asking_former(rolling))


def keep_proven(rolling: Rolling) -> None:
    """Remember in the service that what runs is proven; RefusedError if it is something else."""
    service = rolling.slot.cluster.service(rolling.slot.name)
    if service is None or service.task_definition != rolling.template:
        raise RefusedError("somebody has deployed something else meanwhile")
    proven = {PROVEN: short(rolling.template)}
    rolling.slot.cluster.tag(service.arn, definitions.tags(proven))


def _is_ours(rolling: Rolling, service: Service) -> bool:
    """Return whether the service wants what it wanted before or what we brought it to."""
    before = rolling.before.task_definition if rolling.before else ""
    ours = (rolling.former, rolling.template, before)
    return short(service.task_definition) in map(short, ours)


def _wanting_former(rolling: Rolling, service: Service) -> Service:
    """Let the service want what it wanted when that was proven, if it does not."""
    wanted: dict[str, Any] = {}
    if short(service.task_definition) != short(rolling.former):
        wanted["taskDefinition"] = rolling.former
    if rolling.before and service.desired and not rolling.before.desired:
        wanted["desiredCount"] = 0
    return rolling.slot.cluster.update(rolling.slot.name, **wanted) if wanted else service


def _asking_former(rolling: Rolling) -> More:
    """Return the question for the version of what was proven, if it was we who registered it."""
    definition = rolling.slot.cluster.definition(rolling.former)
    written = tags_of(definition).get(VERSION)
    return rolling.asking(parse_version(written)) if written else lambda _: ""
