"""The ecs target: what is registered, what proves a rollout, what AWS says no by."""

from __future__ import annotations

import sys
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ci_steps.deploying.ecs import definitions
from ci_steps.deploying.ecs.cluster import Cluster
from ci_steps.deploying.ecs.definitions import Inserted
from ci_steps.deploying.ecs.rolling import changed
from ci_steps.deploying.ecs.rollout import (
    Task,
    hopeless,
    not_there,
    service_of,
    task_of,
    unfinished,
)
from ci_steps.deploying.ecs.watching import Watched
from ci_steps.errors import CiStepsError, OutsideError, RefusedError, UsageError
from ci_steps.outside import Outside
from ci_steps.outside.aws import AwsApi, AwsError
from ci_steps.outside.debugging import DebuggingOutside
from ci_steps.targets import ecs
from tests.parts.ecs.words import CREDENTIALS, EcsError
from tests.targets.worlds import EcsWorld, Shown, ask, await_

slow = pytest.mark.slow
LATER = "arn:aws:ecs:eu-central-1:123456789012:task-definition/auth:2"
EARLIER = "arn:aws:ecs:eu-central-1:123456789012:task-definition/auth:1"


def refusal(world: EcsWorld, version: str = "1.1", **options: Any) -> CiStepsError:
    with pytest.raises(CiStepsError) as refused:
        world.deploy(version, **options)
    return refused.value


def stand_in(world: EcsWorld) -> Any:
    assert world.region is not None
    return world.region


def theirs(world: EcsWorld, version: str = "1.0", **more: Any) -> Any:
    """Let somebody else make the service, with tools of their own; return it."""
    region = stand_in(world)
    image = world.build(version).pinned_image
    ports = [{"containerPort": int(world.environ["PORT"])}]
    container = {"name": "web", "image": image, "portMappings": ports}
    told = {"family": "theirs", "cpu": "256", "containerDefinitions": [container]}
    region.answer("RegisterTaskDefinition", told)
    wanted = {"taskDefinition": f"theirs:{len(region.definitions)}", "desiredCount": 1, **more}
    region.answer("CreateService", {"serviceName": world.name(), **wanted})
    return region.services[world.name()]


@slow
def test_the_task_definition_has_the_image_by_digest_labels_tags_and_variables(
    ecs_world: EcsWorld,
) -> None:
    build = ecs_world.build("1.0")
    files: dict[str, Any] = {"service_definition": "ecs/two.json"}
    placement = ecs_world.deploy("1.0", variables={"PRICE": "5$"}, address="", **files)
    assert placement.text == "auth 1.0 is answered by 2 tasks"
    region = stand_in(ecs_world)
    (told,) = region.calls("RegisterTaskDefinition")
    (container,) = told["containerDefinitions"]
    assert container["image"] == f"{build.image.rpartition(':')[0]}@{build.digest}"
    variables = {one["name"]: one["value"] for one in container["environment"]}
    assert {"PRICE": "5$", "CI_STEPS_VERSION": "1.0"}.items() <= variables.items()
    assert container["dockerLabels"]["org.opencontainers.image.version"] == "1.0"
    (definition,) = region.definitions.values()
    tags = {one["key"]: one["value"] for one in definition["tags"]}
    ours = {"service": "auth", "slot": "1", "environment": "staging", "version": "1.0"}
    assert {f"ci-steps:{key}": value for key, value in ours.items()}.items() <= tags.items()
    (made,) = region.calls("CreateService")
    breaker = {"enable": True, "rollback": True}
    assert made["deploymentConfiguration"] == {"deploymentCircuitBreaker": breaker}
    assert made["launchType"] == "FARGATE"
    assert f"(service {ecs_world.name()}) has reached a steady state." in ecs_world.shown.lines
    assert known_to_the_api(region.answers)


def known_to_the_api(answers: list[tuple[str, Any]]) -> bool:
    """Return whether every key of what the stand-in answers is one of the real API."""
    from botocore.session import get_session

    model = get_session().get_service_model("ecs")
    for operation, answer in answers:
        check(model.operation_model(operation).output_shape, answer)
    return True


def check(shape: Any, value: Any) -> None:
    if shape.type_name == "structure":
        for key, one in value.items():
            check(shape.members[key], one)
    elif shape.type_name == "list":
        for one in value:
            check(shape.member, one)


@slow
def test_a_service_of_somebody_else_gets_the_image_and_is_brought_back_as_it_ran(
    ecs_world: EcsWorld,
) -> None:
    service = theirs(ecs_world)
    options: dict[str, Any] = {"task_definition": "", "service_definition": ""}
    refused = refusal(ecs_world, says="missing", **options)
    assert "CannotPullContainerError: pull image manifest: not found" in str(refused)
    assert "| (service auth-staging-1) was unable to start a task" in refused.hint
    assert service.wanted["taskDefinition"].endswith("theirs:1")
    placement = ecs_world.deploy("1.2", **options)
    assert ask(placement) == "1.2"
    told = stand_in(ecs_world).calls("RegisterTaskDefinition")[-1]
    assert (told["family"], told["cpu"]) == ("theirs", "256")
    ecs_world.stop()
    assert (service.status, service.desired, ecs_world.running()) == ("ACTIVE", 0, [])
    assert "1.3.9" in str(refusal(ecs_world, "1.3", says="1.3.9", **options))
    assert service.desired == 0
    await_(lambda: not ecs_world.running())  # the task that failed is told to end
    assert ask(ecs_world.deploy("1.4", **options)) == "1.4"
    assert service.desired == 1


@slow
def test_it_is_not_over_while_a_task_of_another_version_runs(ecs_world: EcsWorld) -> None:
    before = ecs_world.deploy("1.0", service_definition="ecs/two.json")
    region = stand_in(ecs_world)
    (first,) = (arn.rpartition("/")[2] for arn in region.definitions)
    region.kept.add(first)

    class Until(Shown):
        def note(self, text: str) -> None:
            if text.startswith("rolling back"):
                region.kept.clear()

    world = replace(ecs_world, shown=Until())
    refused = refusal(world, timeout_seconds=1.0, address="")
    assert f"2 tasks of {first} are still there (for 1 s)" in str(refused)
    assert ask(before) == "1.0"


@slow
def test_what_the_circuit_breaker_gives_up_is_said_in_its_words(ecs_world: EcsWorld) -> None:
    before = ecs_world.deploy("1.0")
    refused = refusal(ecs_world, says="missing", timeout_seconds=30.0, failures=100)
    assert "ECS gave it up: " in str(refused)
    assert "tasks failed to start." in str(refused)
    assert ask(before) == "1.0"


@slow
def test_nobody_goes_back_behind_what_changed_its_database_for_good(ecs_world: EcsWorld) -> None:
    ecs_world.deploy("1.0")
    with pytest.raises(RefusedError, match="it was left as it is"):
        ecs_world.deploy("1.1", says="1.1.9", for_good=True, timeout_seconds=0.5)
    (told,) = stand_in(ecs_world).calls("UpdateService")
    breaker = {"enable": True, "rollback": False}
    assert told["deploymentConfiguration"] == {"deploymentCircuitBreaker": breaker}
    refused = refusal(ecs_world, "1.2", says="missing", rollback_seconds=0.5)
    assert "CannotPullContainerError" in str(refused)
    assert stand_in(ecs_world).services[ecs_world.name()].wanted["taskDefinition"].endswith(":2")


@slow
def test_what_somebody_else_deploys_meanwhile_is_left_as_it_is(ecs_world: EcsWorld) -> None:
    ecs_world.deploy("1.0")
    region, name = stand_in(ecs_world), ecs_world.name()

    class Meanwhile(Shown):
        def note(self, text: str) -> None:
            super().note(text)
            if text.startswith("ECS brings"):
                region.kept.update(arn.rpartition("/")[2] for arn in region.definitions)
            elif text.startswith("rolling back"):
                region.answer("RegisterTaskDefinition", {**told, "family": "other"})
                region.answer("UpdateService", {"service": name, "taskDefinition": "other:1"})

    told = dict(region.calls("RegisterTaskDefinition")[-1])
    shown = Meanwhile()
    refusal(replace(ecs_world, shown=shown), timeout_seconds=0.5)
    assert shown.notes[-1] == "other:1 was deployed meanwhile, and is left as it is"
    assert region.services[name].wanted["taskDefinition"].endswith("/other:1")


@slow
def test_what_aws_fails_of_its_own_is_asked_again(ecs_world: EcsWorld) -> None:
    throttled = EcsError("ThrottlingException", "Rate exceeded")
    broken = EcsError("ServerException", "Service Unavailable", 500)
    # Each call is tried three times: the second question meets the last of the second four.
    faults = {"UpdateService": [throttled], "ListTasks": [broken, throttled, broken, broken]}
    ecs_world.deploy("1.0")
    stand_in(ecs_world).faults = {name: deque(found) for name, found in faults.items()}
    assert ask(ecs_world.deploy("1.1")) == "1.1"
    assert not any(stand_in(ecs_world).faults.values())


@pytest.mark.parametrize(
    ("fault", "options", "said", "hint"),
    [
        pytest.param(
            EcsError("AccessDeniedException", "User: ci is not authorized to perform it"),
            {},
            "ecs DescribeServices: AccessDeniedException: User: ci is not authorized",
            "Allow that to the role of the job.",
            id="access denied",
        ),
        pytest.param(
            EcsError("ExpiredTokenException", "The security token is expired"),
            {},
            "ecs DescribeServices: ExpiredTokenException: The security token is expired",
            "give the job one of them",
            id="expired",
        ),
        pytest.param(
            None,
            {"cluster": "shpo"},
            "ecs DescribeServices: ClusterNotFoundException: Cluster not found.",
            "There is no cluster 'shpo' in this account and region",
            id="no cluster",
        ),
        pytest.param(
            None, {"profile": "shop"}, "The config profile (shop) could not be found", "",
            id="no profile",
        ),
        pytest.param(None, {"endpoint": "ecs"}, "Invalid endpoint: ecs", "", id="no endpoint"),
    ],
)  # fmt: skip
def test_what_aws_does_not_let_us_do_is_said_with_what_to_do(
    ecs_world: EcsWorld, fault: EcsError | None, options: dict[str, Any], said: str, hint: str
) -> None:
    if fault:
        stand_in(ecs_world).faults = {"DescribeServices": deque([fault] * 3)}
    refused = refusal(ecs_world, **options)
    stand_in(ecs_world).faults = {}
    assert (isinstance(refused, OutsideError), refused.exit_code) == (True, 3)
    assert said in str(refused)
    assert hint in refused.hint


@pytest.mark.parametrize(
    ("missing", "said", "hint"),
    [
        ("AWS_ACCESS_KEY_ID", "Unable to locate credentials", "AWS_ACCESS_KEY_ID"),
        ("AWS_DEFAULT_REGION", "You must specify a region", "Name the region"),
    ],
)
def test_credentials_and_a_region_that_are_missing_are_said(
    ecs_world: EcsWorld, monkeypatch: pytest.MonkeyPatch, missing: str, said: str, hint: str
) -> None:
    with monkeypatch.context() as without:
        without.delenv(missing)
        refused = refusal(replace(ecs_world, door=None))
    assert said in str(refused)
    assert hint in refused.hint


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    outside = DebuggingOutside({})
    with pytest.raises(AwsError, match="the module boto3 is missing") as refused:
        outside.ask_aws(AwsApi("ecs"), "list_clusters", {})
    assert refused.value.hint == "Install it: pip install 'ci-steps[ecs]'."


def test_nobody_who_looks_for_a_mistake_sees_credentials_or_what_services_are_told(
    ecs_world: EcsWorld,
) -> None:
    said: list[str] = []
    masked: list[str] = []
    outside = DebuggingOutside(
        {**ecs_world.outside.environ, **CREDENTIALS}, masked.append, said.append
    )
    shown = ecs_world.shown
    world = replace(ecs_world, door=outside)
    refusal(world, service_definition="", task_definition="", variables={"TOKEN": "hush-hush"})
    stand_in(ecs_world).faults = {
        "RegisterTaskDefinition": deque([EcsError("ClientException", "Too many containers.")])
    }
    refused = refusal(world, variables={"TOKEN": "hush-hush"})
    assert str(refused).startswith(
        "auth 1.1 was not deployed: ecs RegisterTaskDefinition: ClientException: Too many"
    )
    text = "\n".join([*said, *shown.lines, *shown.notes, str(refused), refused.hint])
    assert "RegisterTaskDefinition" in text
    assert "hush-hush" not in text
    assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in text
    assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] in masked


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("task", '{"family": "auth",\n "cpu" "256"}', "ecs/wrong.json:2: expecting ':' delimiter"),
        ("task", "[]", "ecs/wrong.json: it is not an object"),
        ("task", '"\xff', "ecs/wrong.json: it is not JSON in UTF-8"),
        ("task", "{}", "the task definition has no list `containerDefinitions`"),
        (
            "task",
            '{"containerDefinitions": [{"name": "wbe", "image": "x"}], "colour": "red"}',
            'Unknown parameter in input: "colour", must be one of',
        ),
        ("service", "{", "ecs/wrong.json:1: expecting property name"),
    ],
)
def test_a_file_that_is_no_definition_is_refused_with_its_line_and_nothing_is_begun(
    ecs_world: EcsWorld, file: str, text: str, said: str
) -> None:
    path = ecs_world.build("1.0").root / "ecs" / "wrong.json"
    path.write_bytes(text.encode("latin-1"))
    refused = refusal(ecs_world, **{f"{file}_definition": "ecs/wrong.json"})
    assert said in str(refused)
    assert isinstance(refused, (UsageError, RefusedError))
    assert stand_in(ecs_world).calls("CreateService") == []


def test_a_file_that_is_not_there_is_named_even_in_a_rehearsal(ecs_world: EcsWorld) -> None:
    with pytest.raises(UsageError, match=r"^ecs/tsak\.json: no such file"):
        ecs_world.rehearse("1.0", task_definition="ecs/tsak.json")


def test_a_service_that_is_not_there_or_inactive_needs_files_to_make_it_of(
    ecs_world: EcsWorld,
) -> None:
    refused = refusal(ecs_world, service_definition="")
    name = ecs_world.name()
    assert f"there is no ECS service {name!r}, or it is INACTIVE" in str(refused)
    assert "`task_definition` and `service_definition`" in refused.hint


def test_a_service_of_another_slot_and_one_that_others_deploy_are_refused(
    ecs_world: EcsWorld,
) -> None:
    service = theirs(ecs_world, desiredCount=0)
    service.tags["ci-steps:slot"] = "2"
    refused = refusal(ecs_world)
    assert "is that of another slot (ci-steps:slot 2)" in str(refused)
    assert "Put ${CI_STEPS_SLOT} into its name" in refused.hint
    ecs_world.stop()
    assert service.status == "ACTIVE"
    service.tags.clear()
    service.wanted["deploymentController"] = {"type": "CODE_DEPLOY"}
    refused = refusal(ecs_world)
    assert "are made by CODE_DEPLOY" in str(refused)


def inserted(document: dict[str, Any], **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "service": "auth",
        "image": "auth@sha256:00",
        "container": "",
        "family": "auth-staging-1",
        "tags": {"ci-steps:version": "v1_20171001-2"},
        "labels": {"org.opencontainers.image.version": "v1_20171001-2"},
        "told": {"A": "new"},
        **more,
    }
    return definitions.task_definition(document, Inserted(**given))


def definition(*containers: str, **more: Any) -> dict[str, Any]:
    listed = [{"name": one, "image": "x"} for one in containers]
    return {"containerDefinitions": listed, **more}


def test_only_the_container_that_is_this_build_is_changed() -> None:
    document = definition("proxy", "auth")
    variables = [{"name": "A", "value": "old"}, {"name": "B", "value": "kept"}]
    document["containerDefinitions"][1]["environment"] = variables
    proxy, auth = inserted(document)["containerDefinitions"]
    assert proxy == {"name": "proxy", "image": "x"}
    assert auth["image"] == "auth@sha256:00"
    assert auth["environment"] == [{"name": "A", "value": "new"}, {"name": "B", "value": "kept"}]


def test_what_ecs_has_written_itself_can_be_registered_again_and_is_then_the_same() -> None:
    first = inserted(definition("auth"))
    described = {**first, "taskDefinitionArn": LATER, "revision": 2, "status": "ACTIVE"}
    again = inserted({"taskDefinition": described})
    assert again == {**first, "tags": again["tags"]}
    assert again["family"] == "auth-staging-1"
    content = {one["key"]: one["value"] for one in first["tags"]}["ci-steps:content"]
    assert {"key": "ci-steps:content", "value": content} in again["tags"]
    other = inserted(definition("auth"), told={"A": "other"})
    assert {"key": "ci-steps:content", "value": content} not in other["tags"]


@pytest.mark.parametrize(
    ("containers", "named", "said"),
    [
        (("web", "proxy"), "", "no container 'auth'"),
        (("web",), "wbe", "no container 'wbe', did you mean web?"),
    ],
)
def test_a_container_that_is_not_there_is_named(
    containers: tuple[str, ...], named: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        inserted(definition(*containers), container=named)


@pytest.mark.parametrize("version", ["1." * 128 + "0", "1.2.3#5", "1.2\n"])
def test_a_version_that_is_no_value_of_a_tag_is_quoted(version: str) -> None:
    with pytest.raises(RefusedError, match="is no value of a tag in AWS") as refused:
        inserted(definition("auth"), tags={"ci-steps:version": version})
    assert repr(version) in str(refused.value)


def test_a_circuit_breaker_is_put_on_and_goes_back_by_itself_only_where_that_may_be() -> None:
    own = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}, "maximumPercent": 150}
    for goes_back in (True, False):
        breaker = {"enable": True, "rollback": goes_back}
        expected = {"deploymentCircuitBreaker": breaker, "maximumPercent": 150}
        assert definitions.with_breaker(own, goes_back=goes_back) == expected


def described(*deployments: dict[str, Any], **more: Any) -> Any:
    """Return a service with deployments, the first of which is PRIMARY and over by default."""
    over = {"status": "PRIMARY", "rolloutState": "COMPLETED", "desiredCount": 2}
    first, *rest = deployments
    listed = [{**over, "runningCount": 2, "id": "ours", "taskDefinition": LATER, **first}, *rest]
    given = {"serviceArn": "arn", "taskDefinition": LATER, "desiredCount": 2, "runningCount": 2}
    return service_of({**given, "deployments": listed, **more})


OLD = {"status": "ACTIVE", "taskDefinition": EARLIER, "runningCount": 1}


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        (described({}), ""),
        (described({}, {**OLD, "status": "INACTIVE", "runningCount": 0}), ""),
        (described({"taskDefinition": EARLIER}), "ECS has not begun a deployment of auth:2"),
        (described({}, OLD), "1 tasks of auth:1 are still there"),
        (described({}, {**OLD, "runningCount": 0}), "0 tasks of auth:1 are still there"),
        (described({"runningCount": 1}), "1 of 2 tasks run"),
        (described({"desiredCount": 0, "runningCount": 0}, desiredCount=0), "0 of 1 tasks run"),
        (described({}, runningCount=3), "3 tasks run or are about to, of 2 wanted"),
        (described({"pendingCount": 1}), "3 tasks run or are about to, of 2 wanted"),
        (
            described({"rolloutState": "IN_PROGRESS"}),
            "ECS calls its deployment IN_PROGRESS, and not COMPLETED",
        ),
        (
            described({"rolloutState": ""}),
            "ECS calls its deployment nothing, and not COMPLETED",
        ),
        (service_of({"serviceArn": "arn"}), "ECS has not begun a deployment of auth:2"),
    ],
)
def test_a_rollout_is_over_when_only_its_tasks_are_there_and_as_many_as_wanted(
    service: Any, problem: str
) -> None:
    assert unfinished(service, LATER) == problem


@pytest.mark.parametrize(
    ("service", "rollout", "problem"),
    [
        (described({}), "ours", ""),
        (
            described({"rolloutState": "FAILED", "rolloutStateReason": "no."}),
            "ours",
            "ECS gave it up: no.",
        ),
        # One of the same task definition that failed before is not this one.
        (described({}, {**OLD, "id": "old", "rolloutState": "FAILED"}), "ours", ""),
        (
            described({"taskDefinition": EARLIER, "id": "x"}),
            "ours",
            "ECS was told meanwhile to run auth:1",
        ),
        (
            described(
                {"taskDefinition": EARLIER, "id": "x"},
                events=[{"id": "1", "message": "(service a) (deployment ours) deployment failed."}],
            ),
            "ours",
            "ECS gave it up: (service a) (deployment ours) deployment failed.",
        ),
        (described({"taskDefinition": EARLIER, "id": "x"}), "", ""),
    ],
)
def test_a_rollout_is_hopeless_when_ecs_has_given_it_up_or_was_told_something_else(
    service: Any, rollout: str, problem: str
) -> None:
    assert hopeless(service, LATER, rollout) == problem


@pytest.mark.parametrize(
    ("state", "told"),
    [("COMPLETED", {}), ("IN_PROGRESS", {}), ("FAILED", {"forceNewDeployment": True})],
)
def test_a_build_that_ecs_has_already_is_tried_again_only_if_it_failed(
    state: str, told: dict[str, Any]
) -> None:
    breaker = definitions.with_breaker({}, goes_back=True)
    service = described({"rolloutState": state}, deploymentConfiguration=breaker)
    assert changed(service, LATER, {}, goes_back=True) == told


class Unsteady(Cluster):
    """A cluster that does not answer about its tasks."""

    may_pass = True

    def ended(self, service: str) -> tuple[Task, ...]:
        return ()

    def tasks(self, service: str, task_definition: str = "") -> tuple[Task, ...]:
        raise AwsError("ecs ListTasks: it is away", "ServerException", may_pass=self.may_pass)


class Refusing(Unsteady):
    may_pass = False


def test_that_ecs_is_away_for_a_moment_says_nothing_of_tasks_that_have_answered() -> None:
    def watched(kind: type[Cluster]) -> Watched:
        return Watched(kind(AwsApi("ecs"), "shop", Outside({})), "auth", LATER, Shown())

    watched(Unsteady).await_steady(0.02, lambda _: "")
    with pytest.raises(AwsError, match="it is away"):
        watched(Refusing).await_steady(0.02, lambda _: "")


def task(**more: Any) -> Any:
    ours = {"taskArn": "arn:task/shop/0a1b2c3d4e", "taskDefinitionArn": LATER}
    return task_of({**ours, "lastStatus": "RUNNING", "desiredStatus": "RUNNING", **more})


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ([task(), task(healthStatus="UNKNOWN")], ""),
        ([], "ECS lists 0 tasks, and counts 2"),
        ([task(), task(taskDefinitionArn=EARLIER)], "task 0a1b2c3d is one of auth:1"),
        ([task(), task(lastStatus="PENDING")], "task 0a1b2c3d is PENDING"),
        ([task(), task(healthStatus="UNHEALTHY")], "task 0a1b2c3d is UNHEALTHY"),
    ],
)
def test_counts_are_believed_when_the_tasks_are_there(tasks: list[Any], problem: str) -> None:
    assert not_there(described({}), LATER, tuple(tasks)) == problem


@pytest.mark.parametrize(
    ("code", "reason", "container", "said"),
    [
        (
            "TaskFailedToStart",
            "CannotPullContainerError: not found",
            {},
            "task 0a1b2c3d: CannotPullContainerError: not found",
        ),
        (
            "EssentialContainerExited",
            "Essential container in task exited",
            {"name": "auth", "exitCode": 137, "reason": "OutOfMemoryError: killed"},
            (
                "task 0a1b2c3d: Essential container in task exited; "
                "auth: OutOfMemoryError: killed, exit status 137"
            ),
        ),
        (
            "ServiceSchedulerInitiated",
            "Task failed ELB health checks in (target-group x)",
            {},
            None,
        ),
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment x)", {}, ""),
        ("SpotInterruption", "Your Spot Task was interrupted.", {}, ""),
        ("UserInitiated", "stopped by somebody", {}, ""),
    ],
)
def test_a_task_has_failed_when_it_ended_by_itself_or_its_checks(
    code: str, reason: str, container: dict[str, Any], said: str | None
) -> None:
    ended = task(stopCode=code, stoppedReason=reason, containers=[container] if container else [])
    assert ended.has_failed == (said != "")
    assert not said or ended.trouble == said


@pytest.mark.parametrize(
    ("facts", "address"),
    [
        ({}, ""),
        ({"containers": [{"networkInterfaces": [{"privateIpv4Address": "10.0.0.9"}]}]}, "10.0.0.9"),
        ({"attachments": [{"type": "ElasticNetworkInterface", "details": [
            {"name": "ipv6Address", "value": "2001:db8::9"}]}]}, "[2001:db8::9]"),
        ({"attachments": [{"type": "Service Connect", "details": []}]}, ""),
    ],
)  # fmt: skip
def test_the_address_of_a_task_is_that_of_its_network_interface(
    facts: dict[str, Any], address: str
) -> None:
    assert task(**facts).address == address


@slow
@pytest.mark.parametrize(
    ("running", "said"),
    [("0", "0 of 2 tasks run"), ("2", "ECS lists 0 tasks, and counts 2")],
)
def test_a_mocked_ecs_that_is_stable_at_once_or_never_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: str, said: str
) -> None:
    monkeypatch.setenv("MOTO_ECS_SERVICE_RUNNING", running)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mocked() as address:
        told = {"PORT": "8080", "ECS": address, "BALANCER": "http://127.0.0.1:1"}
        world = EcsWorld(tmp_path / "state", tmp_path / "auth", ecs, environ=told)
        api = AwsApi("ecs", endpoint=address)
        world.outside.call_aws(api, "create_cluster", {"clusterName": "shop"})
        (world.build("1.0").root / "ecs" / "bare.json").write_text('{"desiredCount": 2}')
        patience: dict[str, Any] = {
            "timeout_seconds": 0.5,
            "rollback_seconds": 0.5,
            "address": "",
            "port": 0,
        }
        patience |= {"service_definition": "ecs/bare.json"}
        first = refusal(world, "1.0", **patience)
        assert f"auth 1.0 was not deployed: {said} (for 0.5 s)" in str(first)
        made = {"cluster": "shop", "serviceName": world.name(), "desiredCount": 2}
        world.outside.call_aws(api, "create_service", {**made, "taskDefinition": "auth-staging-1"})
        second = refusal(world, "1.1", **patience)
        # It has the new task definition at once, and a deployment of the old one that is COMPLETED.
        assert "auth 1.1 was not deployed: ECS has not begun a deployment of auth-" in str(second)


@contextmanager
def mocked() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
