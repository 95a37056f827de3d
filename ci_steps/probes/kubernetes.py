"""Ask the pods of a cluster themselves, by their labels or by what they answer."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from ci_steps.deploying.answers import version_in
from ci_steps.deploying.kubernetes_cluster import Cluster
from ci_steps.deploying.kubernetes_manifests import ENVIRONMENT, SERVICE, VERSION
from ci_steps.deploying.kubernetes_objects import Pod
from ci_steps.deploying.object_names import object_suffix
from ci_steps.deploying.replicas import agreeing
from ci_steps.errors import CiStepsError
from ci_steps.options import Command, option
from ci_steps.probing.labelled import labelled
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Question


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `kubernetes`."""

    selector: str = option(
        f"{SERVICE}={{provider}}",
        "Labels that the provider's pods have; {provider} and {environment} are filled in.",
        example="app=auth",
    )
    version_label: str = option(VERSION, "Label of a pod that holds the version.")
    port: int = option(
        0,
        "Port at which each pod is asked through the API server instead; 0 reads the label.",
        at_least=0,
        at_most=65_535,
    )
    path: str = option("/version", "Where it answers its version there.")
    key: str = option("version", "Key of the version in that answer, if it is JSON.")
    namespace: str = option(
        "",
        "The namespace; that of the context if empty. {environment} is filled in.",
        example="shop-{environment}",
    )
    context: str = option("", "The context of kubectl; {environment} is filled in.")
    kubectl: Command = option(Command(("kubectl",)), "The program that speaks with the cluster.")


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return what every pod says that is not about to end; at build time none is asked.

    Pods of one Deployment must agree; several Deployments are several lines.
    """
    if not question.environment:
        return ()
    cluster = _cluster(question, options, outside)
    where = f"pods in {cluster.namespace}" if cluster.namespace else "pods"
    selector = question.filled(options.selector)
    try:
        pods = tuple(one for one in cluster.selected(selector) if _is_here(one, question))
    except CiStepsError as error:
        return (Found(where, problem=str(error)),)
    if not pods:
        return (Found(where, problem=f"no pod has {selector}"),)
    answers = outside.parallel(lambda pod: _found(pod, cluster, options), pods)
    groups: dict[str, list[Found]] = defaultdict(list)
    for pod, found in zip(pods, answers, strict=True):
        groups[pod.owner].append(found)
    return tuple(found for group in groups.values() for found in agreeing(group))


def _cluster(question: Question, options: Options, outside: Outside) -> Cluster:
    context = question.filled(options.context)
    where = ("--context", context) if context else ()
    namespace = question.filled(options.namespace)
    return Cluster((*options.kubectl, *where), namespace, outside, question.timeout_seconds)


def _is_here(pod: Pod, question: Question) -> bool:
    """Leave out what ci-steps deployed to another environment in the same namespace."""
    own = object_suffix(question.environment)
    return pod.labels.get(ENVIRONMENT, own) == own


def _found(pod: Pod, cluster: Cluster, options: Options) -> Found:
    # A pod has a new name after each deployment; what was seen of it is kept by its owner.
    where = f"pod {pod.name}"
    address = f"{cluster.namespace}/{pod.owner}".lstrip("/")
    if not options.port:
        found = labelled(where, pod.labels, options.version_label, address)
        is_silent = found.version is not None and not pod.is_ready
        return Found(where, problem=_state(pod), address=address) if is_silent else found
    try:
        text = cluster.version_of(pod.name, options.port, options.path)
        return Found(where, version_in(text, options.key), address=address)
    except CiStepsError as error:
        return Found(where, problem=str(error), address=address)


def _state(pod: Pod) -> str:
    return f"it is not ready: {pod.trouble}" if pod.trouble else "it is not ready"
