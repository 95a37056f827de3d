"""A Deployment and the pods it made, as a cluster describes them in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HASH = "pod-template-hash"
# Reasons for which a container waits and that do not go away by waiting.
_HOPELESS = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "CrashLoopBackOff",
        "RunContainerError",
    }
)
_WRITTEN = {
    "In": "{key} in ({values})",
    "NotIn": "{key} notin ({values})",
    "Exists": "{key}",
    "DoesNotExist": "!{key}",
}


@dataclass(frozen=True)
class Pod:
    """One pod that is not about to end; *owner* is what made it, such as ``deployment/auth``."""

    name: str
    owner: str
    hash: str
    labels: Mapping[str, str]
    images: Mapping[str, str]
    is_ready: bool
    restarts: int
    trouble: str


@dataclass(frozen=True)
class Rollout:
    """How a Deployment is: what is wanted, what the controller has seen, and why it is stuck."""

    replicas: int
    observed: bool
    stuck: str
    failure: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    selector: str


def rollout_of(document: Any) -> Rollout:
    """Return how a Deployment is."""
    meta, spec, status = document["metadata"], document["spec"], document.get("status", {})
    conditions = {one["type"]: one for one in status.get("conditions", ())}
    progressing = conditions.get("Progressing", {})
    failure = conditions.get("ReplicaFailure", {})
    is_stuck = progressing.get("reason") == "ProgressDeadlineExceeded"
    return Rollout(
        replicas=spec.get("replicas", 1),
        observed=status.get("observedGeneration", 0) >= meta["generation"],
        stuck=progressing.get("message", "it makes no progress") if is_stuck else "",
        failure=failure.get("message", "") if failure.get("status") == "True" else "",
        labels=meta.get("labels", {}),
        annotations=meta.get("annotations", {}),
        selector=selector_of(spec["selector"]),
    )


def selector_of(selector: Any) -> str:
    """Return a selector of pods as kubectl takes it: ``app=auth,tier in (front,back),!old``."""
    labels = (f"{key}={value}" for key, value in sorted(selector.get("matchLabels", {}).items()))
    expressions = (
        _WRITTEN[one["operator"]].format(key=one["key"], values=",".join(one.get("values", ())))
        for one in selector.get("matchExpressions", ())
    )
    return ",".join((*labels, *expressions))


def is_there(pod: Any) -> bool:
    """Return whether a pod can answer: one that is about to end, or has, is listed as well."""
    is_over = pod.get("status", {}).get("phase") in {"Failed", "Succeeded"}
    return not is_over and not pod["metadata"].get("deletionTimestamp")


def pod_of(document: Any) -> Pod:
    """Return one pod."""
    meta, status = document["metadata"], document.get("status", {})
    labels = meta.get("labels", {})
    statuses = status.get("containerStatuses", ())
    ready = {one["type"]: one["status"] for one in status.get("conditions", ())}.get("Ready")
    return Pod(
        name=meta["name"],
        owner=_owner(meta, labels.get(HASH, "")),
        hash=labels.get(HASH, ""),
        labels=labels,
        images={one["name"]: one["image"] for one in document["spec"]["containers"]},
        is_ready=ready == "True",
        restarts=sum(one.get("restartCount", 0) for one in statuses),
        trouble=next(filter(None, map(_waits_for, statuses)), ""),
    )


def _owner(meta: Any, template: str) -> str:
    """Return what made a pod; a Deployment makes it by way of a ReplicaSet named after both."""
    owner = next(iter(meta.get("ownerReferences", ())), None)
    if owner is None:
        return f"pod/{meta['name']}"
    kind, name = str(owner["kind"]), str(owner["name"])
    if kind == "ReplicaSet" and template and name.endswith(f"-{template}"):
        return f"deployment/{name.removesuffix(f'-{template}')}"
    return f"{kind.lower()}/{name}"


def _waits_for(status: Any) -> str:
    waiting = status.get("state", {}).get("waiting") or {}
    reason = str(waiting.get("reason", ""))
    if reason not in _HOPELESS:
        return ""
    ended = status.get("lastState", {}).get("terminated")
    message = _end(ended) if ended else waiting.get("message", "")
    return f"{reason}: {message}" if message else reason


def _end(ended: Any) -> str:
    """Return how a container ended, with what it said last, where the cluster kept that."""
    said = str(ended.get("message") or "").strip().splitlines()
    return ": ".join((f"exit status {ended.get('exitCode')}", *said[-1:]))
