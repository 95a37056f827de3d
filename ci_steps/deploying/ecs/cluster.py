"""A cluster of ECS, as boto3 reaches it: what it is asked, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ci_steps.deploying.ecs.rollout import Service, Task, service_of, task_of
from ci_steps.outside.aws import AwsError

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.aws import AwsApi

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
_TASKS_AT_ONCE = 100
_NO_CLUSTER = "ClusterNotFoundException"
_GONE = frozenset({"ServiceNotFoundException", "ServiceNotActiveException"})


@dataclass(frozen=True)
class Cluster:
    """A cluster by its name or ARN; the one called default if that is empty."""

    api: AwsApi
    name: str
    outside: Outside

    def service(self, name: str) -> Service | None:
        """Return a service with its deployments, or None where there is none (any more)."""
        answer = self._ask("describe_services", services=[name], include=["TAGS"])
        for document in answer.get("services", ()):
            found = service_of(document)
            return None if found.status == "INACTIVE" else found
        return None

    def tasks(self, service: str, task_definition: str = "") -> tuple[Task, ...]:
        """Return the tasks of a service that are meant to run, whatever they are made from."""
        found = self._tasks(service, "RUNNING")
        return tuple(one for one in found if task_definition in {"", one.task_definition})

    def ended(self, service: str) -> tuple[Task, ...]:
        """Return the tasks that have ended of late or are about to; ECS forgets them in an hour."""
        return tuple(self._tasks(service, "STOPPED"))

    def definition(self, name: str) -> Mapping[str, Any]:
        """Return a task definition with its tags, as it could be registered again."""
        answer = self.outside.ask_aws(
            self.api, "describe_task_definition", {"taskDefinition": name, "include": ["TAGS"]}
        )
        return {**answer["taskDefinition"], "tags": answer.get("tags", [])}

    def register(self, request: Mapping[str, Any]) -> str:
        """Register a task definition; return its ARN."""
        answer = self.outside.call_aws(self.api, "register_task_definition", request)
        return str(answer.get("taskDefinition", {}).get("taskDefinitionArn", ""))

    def create(self, request: Mapping[str, Any]) -> Service:
        """Make a service."""
        return service_of(self._call("create_service", **request)["service"])

    def update(self, name: str, **wanted: Any) -> Service:
        """Let a service become another one."""
        return service_of(self._call("update_service", service=name, **wanted)["service"])

    def delete(self, name: str) -> None:
        """Delete a service with its tasks, if it is there."""
        try:
            self._call("delete_service", service=name, force=True)
        except AwsError as error:
            if error.code not in _GONE:
                raise

    def tag(self, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
        """Put tags on something."""
        told = {"resourceArn": arn, "tags": list(tags)}
        self.outside.call_aws(self.api, "tag_resource", told)

    def _tasks(self, service: str, wanted: str) -> Iterator[Task]:
        arns = self._arns(service, wanted)
        while some := list(islice(arns, _TASKS_AT_ONCE)):
            for document in self._ask("describe_tasks", tasks=some).get("tasks", ()):
                yield task_of(document)

    def _arns(self, service: str, wanted: str) -> Iterator[str]:
        more: dict[str, Any] = {}
        while True:
            asked = {"serviceName": service, "desiredStatus": wanted, **more}
            answer = self._ask("list_tasks", **asked)
            yield from answer.get("taskArns", ())
            if not answer.get("nextToken"):
                return
            more = {"nextToken": answer["nextToken"]}

    def _ask(self, operation: str, **question: Any) -> Mapping[str, Any]:
        return self._said(self.outside.ask_aws, operation, question)

    def _call(self, operation: str, **told: Any) -> Mapping[str, Any]:
        return self._said(self.outside.call_aws, operation, told)

    def _said(self, door: Any, operation: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        where = {"cluster": self.name} if self.name else {}
        try:
            answer: Mapping[str, Any] = door(self.api, operation, {**where, **told})
        except AwsError as error:
            if error.code == _NO_CLUSTER:
                error.hint = (
                    f"There is no cluster {self.name or 'default'!r} in this account and region: "
                    "name one under `cluster`, and its region (aws ecs list-clusters)."
                )
            raise
        return answer
