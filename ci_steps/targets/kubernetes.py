"""Kubernetes, by kubectl: the service's manifests applied server-side, every pod asked itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.deploying import answering
from ci_steps.deploying.answers import version_in
from ci_steps.deploying.attempts import brought_back, only_attempt
from ci_steps.deploying.kubernetes_cluster import PROVEN, Cluster, cluster_by
from ci_steps.deploying.kubernetes_manifests import (
    SERVICE,
    SLOT,
    Written,
    deployment_in,
    insert,
    without_hooks,
)
from ci_steps.deploying.kubernetes_objects import Pod, Rollout
from ci_steps.deploying.kubernetes_pods import AwaitedPods
from ci_steps.deploying.kubernetes_slots import KubernetesSlot
from ci_steps.deploying.last_words import last_words
from ci_steps.deploying.placeholders import fill
from ci_steps.deploying.proving import Expected
from ci_steps.deploying.undoing import LEAST_SECONDS
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.options import Command, option
from ci_steps.protocols import Build, Place, Placement, Progress

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `kubernetes`."""

    manifests: tuple[str, ...] = option(
        ("k8s",), "Files or folders of manifests, or of a kustomization, from the service's folder."
    )
    render: Command = option(
        Command(()),
        "A program that prints the manifests instead; ${CI_STEPS_…} is filled in here as well.",
        example=["helm", "template", "auth", "./chart", "--values", "values.yaml"],
    )
    deployment: str = option(
        "",
        "The Deployment that is this build, if there are several; ${CI_STEPS_SLOT} is filled in.",
    )
    container: str = option(
        "", "The container of it that is this build, if there are several and none has its name."
    )
    context: str = option("", "The context of kubectl; the current one if empty.")
    namespace: str = option("", "The namespace; that of the context if empty.")
    kubectl: Command = option(Command(("kubectl",)), "The program that speaks with the cluster.")
    port: int = option(
        0,
        "Port at which each pod is asked for its version, through the API server; 0 asks none.",
        at_least=0,
    )
    address: str = answering.address()
    version: str = answering.VERSION
    version_key: str = answering.VERSION_KEY
    timeout_seconds: float = answering.timeout_seconds(
        300.0, "the pods may take to be ready and answer"
    )
    steady_seconds: float = answering.steady_seconds(5.0)
    variables: dict[str, str] = answering.VARIABLES


@dataclass(frozen=True)
class _Attempt:
    """What the parts of one deployment have in common; *name* is that of the Deployment."""

    build: Build
    place: Place
    options: Options
    outside: Outside
    progress: Progress
    name: str = ""

    @property
    def called(self) -> str:
        return f"{self.build.service} {self.build.version}"

    @property
    def slot(self) -> KubernetesSlot:
        return KubernetesSlot(self.build.service, self.place)

    @property
    def filled(self) -> dict[str, str]:
        return self.slot.filled(self.build)

    @property
    def manifests(self) -> Written:
        options = self.options
        root = self.build.root.absolute()
        return Written(root, options.manifests, options.render, options.kubectl)

    @property
    def cluster(self) -> Cluster:
        return _cluster(self.options, self.outside)

    @property
    def expected(self) -> Expected:
        return Expected(self.build.version, self.options.version, self.options.version_key)

    @property
    def pods(self) -> AwaitedPods:
        seconds = self.options.timeout_seconds
        return AwaitedPods(
            self.cluster, self.name, seconds, self.refused, partial(_unanswered, self)
        )

    def refused(self, problem: str) -> RefusedError:
        """Return why not, with what the cluster warned of last."""
        warnings = self.cluster.warnings(self.name) if self.name else []
        hint = last_words(warnings).replace("It printed last:", "The cluster warned:", 1)
        return RefusedError(
            f"{self.called} was not deployed: {problem}", hint=hint if warnings else ""
        )

    def kubectl(self, *command: str) -> None:
        """Let kubectl change something; RefusedError in its own words if it does not."""
        ended = self.outside.run(
            self.cluster.written(*command),
            timeout_seconds=self.options.timeout_seconds,
            on_line=self.progress.line,
        )
        if not ended.ok:
            raise self.refused(f"kubectl {command[0]}: {ended.last_line}")


def deploy(
    build: Build, place: Place, options: Options, outside: Outside, progress: Progress
) -> Placement:
    """Apply the manifests, and wait until every pod is of this build, ready, and answers."""
    attempt = _Attempt(build, place, options, outside, progress)
    if outside.rehearsing:
        _rehearse(attempt)
        return Placement(options.address, f"{attempt.called} is supposed to answer")
    attempt.cluster.check(options.context)
    with only_attempt(build.service, place, outside):
        documents, deployment = _documents(attempt)
        attempt = replace(attempt, name=deployment["metadata"]["name"])
        before = attempt.cluster.rollout(attempt.name)
        _check_slot(attempt, before)
        back = partial(_roll_back, attempt, _proven(attempt, before))
        with brought_back(back, build, progress):
            _apply(attempt, documents)
            text = _prove(attempt)
    return Placement(options.address, text)


def stop(service: str, place: Place, options: Options, outside: Outside) -> None:
    """Delete the Deployments and Services of the slot, and return when their pods are gone."""
    selector = KubernetesSlot(service, place).selector
    command = ("delete", "deployment,service", "--selector", selector, "--wait=true")
    with only_attempt(service, place, outside):
        cascade = (*command, "--cascade=foreground")
        ended = outside.run(_cluster(options, outside).written(*cascade), timeout_seconds=120)
        if not ended.ok:
            raise OutsideError(f"kubectl delete: {ended.last_line}")


def missing(outside: Outside) -> str:
    """Return why nothing can be deployed to a cluster here, or nothing when it can."""
    return "" if outside.which("kubectl") else "no program 'kubectl'"


def _cluster(options: Options, outside: Outside) -> Cluster:
    return cluster_by(options.kubectl, options.context, options.namespace, outside)


def _rehearse(attempt: _Attempt) -> None:
    """Say what would be told to the cluster."""
    where = ", ".join(attempt.options.manifests)
    if attempt.options.render:
        attempt.outside.run(attempt.manifests.rendering(attempt.filled), cwd=attempt.build.root)
        where = "-"
    attempt.kubectl("apply", "--server-side", "--filename", where)


def _documents(attempt: _Attempt) -> tuple[list[Any], Any]:
    """Return the objects that are applied, and of them the Deployment that is this build."""
    text = attempt.manifests.text(attempt.filled, attempt.outside)
    with attempt.outside.scratch({"manifests.yaml": text.encode()}) as folder:
        found = attempt.cluster.documents(folder / "manifests.yaml")
    documents, hooks = without_hooks(found)
    if hooks:
        attempt.progress.note(f"not applied, for only Helm runs its hooks: {', '.join(hooks)}")
    deployment = deployment_in(documents, fill(attempt.options.deployment, attempt.filled))
    options = attempt.options
    what = attempt.slot.inserted(attempt.build, options.container, options.variables)
    insert(documents, deployment, what)
    return documents, deployment


def _check_slot(attempt: _Attempt, before: Rollout | None) -> None:
    there = before.labels.get(SLOT) if before else None
    if there and there != attempt.slot.label:
        raise attempt.refused(
            f"the Deployment {attempt.name!r} is that of another slot ({there}); "
            "put ${CI_STEPS_SLOT} into its name and its selector, so that lines stand beside"
        )


def _proven(attempt: _Attempt, before: Rollout | None) -> str:
    """Return the hash of the template to go back to, or nothing where none was ever proven.

    One that somebody else has applied is taken as it runs.
    """
    if before is None:
        return ""
    proven = before.annotations.get(PROVEN, "")
    present = attempt.cluster.template_of(attempt.name)
    if SERVICE not in before.labels:
        return present
    if present != proven:
        attempt.progress.note(f"a deployment of {attempt.build.service} was not finished")
    return proven


def _apply(attempt: _Attempt, documents: list[Any]) -> None:
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}).encode()
    with attempt.outside.scratch({"applied.json": content}) as folder:
        attempt.kubectl(
            *("apply", "--server-side", "--force-conflicts", "--field-manager", "ci-steps"),
            *("--filename", str(folder / "applied.json")),
        )


def _roll_back(attempt: _Attempt, proven: str) -> None:
    """Return when the pods of the proven template are there again, and only they."""
    name, cluster = attempt.name, attempt.cluster
    attempt.progress.note("rolling back to what ran before" if proven else "deleting it")
    if not proven:
        attempt.kubectl("delete", "deployment", name, "--ignore-not-found", "--cascade=foreground")
        return
    if cluster.template_of(name) != proven:
        revision = cluster.revision(name, proven)
        if not revision:
            raise OutsideError(f"the cluster has forgotten the template {proven!r} of {name}")
        attempt.kubectl("rollout", "undo", f"deployment/{name}", f"--to-revision={revision}")
    seconds = max(attempt.options.timeout_seconds, LEAST_SECONDS)
    replace(attempt.pods, timeout_seconds=seconds).ready(proven, answering=False)


def _prove(attempt: _Attempt) -> str:
    """Return how it was seen, when every pod is of this build and goes on answering."""
    awaited = attempt.pods
    template = awaited.template()
    pods = awaited.ready(template)
    awaited.watch(template, pods, attempt.options.steady_seconds)
    proven = f"{PROVEN}={template}"
    attempt.kubectl("annotate", "--overwrite", "deployment", attempt.name, proven)
    count = f"{len(pods)} pod{'s' if len(pods) > 1 else ''}"
    where = attempt.options.address
    if where:
        return f"{attempt.called} answers at {where}"
    if attempt.options.port:
        return f"{attempt.called} is answered by {count}"
    return f"{attempt.called} is in {count} that are ready; nobody asked for the version"


def _unanswered(attempt: _Attempt, pods: tuple[Pod, ...]) -> str:
    """Return who does not answer the version, or nothing."""
    options, expected = attempt.options, attempt.expected
    if options.address and (problem := expected.problem(options.address, attempt.outside)):
        return problem
    for pod in pods if options.port else ():
        try:
            answer = attempt.cluster.version_of(pod.name, options.port, options.version)
            found = version_in(answer, options.version_key)
        except OutsideError as error:
            return f"pod {pod.name}: {error}"
        if found != attempt.build.version:
            return f"pod {pod.name} answers version {found}"
    return ""
