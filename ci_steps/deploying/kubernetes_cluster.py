"""What a cluster says of its objects, of one Deployment and its pods, asked by kubectl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ci_steps.errors import OutsideError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

HASH = "pod-template-hash"
# Annotation of a Deployment: the hash of the template that was proven.
PROVEN = "ci-steps.io/proven"
_REVISION = "deployment.kubernetes.io/revision"
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
_MOST_EVENTS = 6
_CHANGE_SECONDS = 60
_SAID = re.compile(r"^Error from server \((?P<reason>\w+)\): (?P<text>.*)$", re.MULTILINE)
_NO_KIND = "the server doesn't have a resource type"


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
    selector: Mapping[str, str]


@dataclass(frozen=True)
class Cluster:
    """A namespace of a cluster, as kubectl reaches it."""

    kubectl: tuple[str, ...]
    namespace: str
    outside: Outside
    timeout_seconds: float = 60

    def check(self, context: str) -> None:
        """RefusedError if the context or the namespace is not there."""
        if context:
            known = self.ask("config", "get-contexts", "--output", "name").split()
            if context not in known:
                raise RefusedError(
                    f"kubectl knows no context {context!r}",
                    hint=f"Its contexts are: {', '.join(known) or 'none'}.",
                )
        if self.namespace:
            found = self._asked("get", "namespace", self.namespace, "--output", "name")
            if not found.ok and "notfound" in found.output.lower():
                raise RefusedError(
                    f"there is no namespace {self.namespace!r}",
                    hint=f"Make it: kubectl create namespace {self.namespace}",
                )

    def ask(self, *command: str) -> str:
        """Return what kubectl answers; OutsideError in its own words if it does not."""
        answer = self._asked(*command)
        if not answer.ok:
            raise OutsideError(f"kubectl {command[0]}: {answer.last_line}")
        return answer.output

    def object(self, kind: str, name: str) -> Any:
        """Return one object; RefusedError if it is not there, or not for us to see."""
        answer = self._asked("get", kind, name, "--output", "json")
        if not answer.ok:
            raise refusal(answer, f"get {kind}")
        return json.loads(answer.output)

    def endpoints(self, service: str) -> frozenset[str]:
        """Return the names of the pods to which the calls to a Service go."""
        subsets = self.object("endpoints", service).get("subsets") or ()
        addresses = (one for subset in subsets for one in subset.get("addresses") or ())
        return frozenset(one.get("targetRef", {}).get("name", one["ip"]) for one in addresses)

    def change(self, kind: str, name: str, patch: Any) -> Finished:
        """Patch one object by operations in JSON; how that ended is for who asks to judge."""
        return self.outside.run(
            self.written(
                *("patch", kind, name, "--type", "json", "--patch", json.dumps(patch)),
                *("--field-manager", "ci-steps-traffic"),
            ),
            timeout_seconds=_CHANGE_SECONDS,
        )

    def rollout(self, name: str) -> Rollout | None:
        """Return how the Deployment is, or None where there is none of that name."""
        text = self.ask("get", "deployment", name, "--ignore-not-found", "--output", "json")
        return _rollout(json.loads(text)) if text.strip() else None

    def pods(self, selector: Mapping[str, str]) -> tuple[Pod, ...]:
        """Return the pods that answer, without those that are about to end."""
        return self.selected(",".join(f"{key}={value}" for key, value in sorted(selector.items())))

    def selected(self, selector: str) -> tuple[Pod, ...]:
        """Return the same by a selector as kubectl has it."""
        text = self.ask("get", "pods", f"--selector={selector}", "--output", "json")
        try:
            return tuple(_pod(one) for one in json.loads(text)["items"] if _is_there(one))
        except (LookupError, TypeError, ValueError, AttributeError):
            raise OutsideError("kubectl describes pods in a way that is not known") from None

    def template_of(self, name: str) -> str:
        """Return the hash of the template that the controller made of the Deployment last."""
        newest = max(self._replica_sets(name), key=_revision_of, default=None)
        return newest["metadata"]["labels"].get(HASH, "") if newest else ""

    def revision(self, name: str, template: str) -> str:
        """Return the revision of a Deployment whose template has that hash, or nothing."""
        for one in self._replica_sets(name):
            if one["metadata"]["labels"].get(HASH) == template:
                return str(one["metadata"]["annotations"].get(_REVISION, ""))
        return ""

    def version_of(self, pod: str, port: int, path: str) -> str:
        """Return what one pod answers, through the API server."""
        where = self.namespace or "default"
        url = f"/api/v1/namespaces/{where}/pods/{pod}:{port}/proxy{path}"
        return self.ask("get", "--raw", url)

    def warnings(self, name: str) -> list[str]:
        """Return the last warnings about a Deployment and what it made."""
        answer = self._asked("get", "events", "--output", "json")
        if not answer.ok:
            return []
        events = json.loads(answer.output)["items"]
        found = [
            f"{one.get('reason', '')}: {one.get('message', '')}"
            for one in sorted(events, key=_seen_at)
            if one.get("type") == "Warning"
            and str(one["involvedObject"].get("name", "")).startswith(name)
        ]
        return list(dict.fromkeys(reversed(found)))[:_MOST_EVENTS][::-1]

    def written(self, *command: str) -> tuple[str, ...]:
        """Return a command of kubectl with where it is meant for."""
        return (*self.kubectl, *self._where, *command)

    def documents(self, file: Path) -> list[Any]:
        """Return the objects of a file of manifests, read as the cluster would read them."""
        dry = ("create", "--dry-run=client", "--output", "json", "--filename", str(file))
        return list(_each(self.ask(*dry)))

    def _replica_sets(self, name: str) -> list[Any]:
        document = json.loads(self.ask("get", "replicasets", "--output", "json"))
        return [
            one
            for one in document["items"]
            if any(
                owner["kind"] == "Deployment" and owner["name"] == name
                for owner in one["metadata"].get("ownerReferences", ())
            )
        ]

    @property
    def _where(self) -> tuple[str, ...]:
        return ("--namespace", self.namespace) if self.namespace else ()

    def _asked(self, *command: str) -> Finished:
        ended = self.outside.ask(self.written(*command), timeout_seconds=self.timeout_seconds)
        return replace(ended, output=_without_warnings(ended.output)) if ended.ok else ended


def cluster_by(kubectl: Sequence[str], context: str, namespace: str, outside: Outside) -> Cluster:
    """Return a namespace as options name it."""
    where = ("--context", context) if context else ()
    return Cluster((*kubectl, *where), namespace, outside)


def reason_of(ended: Finished) -> str:
    """Return the word with which the server refused: ``Forbidden``, ``Conflict``; or nothing."""
    said = _SAID.search(ended.output)
    return said["reason"] if said else ""


def refusal(ended: Finished, act: str) -> RefusedError | OutsideError:
    """Return why the server did not *act*, in its own words, and what to do about it."""
    said = _SAID.search(ended.output)
    if said and said["reason"] == "Forbidden":
        hint = "Give whoever kubectl is a role with the verbs get and patch for it."
        return RefusedError(f"kubectl may not {act}: {said['text']}", hint=hint)
    if said and said["reason"] == "NotFound":
        return RefusedError(f"kubectl {act}: {said['text']}")
    if _NO_KIND in ended.output:
        hint = "Install what brings it, or name a cluster that has it under `context`."
        return RefusedError(f"kubectl {act}: {ended.last_line}", hint=hint)
    return OutsideError(f"kubectl {act}: {said['text'] if said else ended.last_line}")


def _seen_at(event: Mapping[str, Any]) -> str:
    """Return when an event was seen last, as Kubernetes writes it: such times sort as texts."""
    return event.get("lastTimestamp") or event.get("eventTime") or ""


def _without_warnings(output: str) -> str:
    """Return an answer without what the server warns of, which kubectl prints before it."""
    return "".join(
        line for line in output.splitlines(keepends=True) if not line.startswith("Warning: ")
    )


def _each(text: str) -> Iterator[Any]:
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        rest = rest[end:].strip()
        yield from document["items"] if document.get("kind") == "List" else (document,)


def _revision_of(one: Any) -> int:
    return int(one["metadata"].get("annotations", {}).get(_REVISION, 0))


def _rollout(document: Any) -> Rollout:
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
        selector=spec["selector"].get("matchLabels", {}),
    )


def _is_there(pod: Any) -> bool:
    """Return whether a pod can answer: one that is about to end, or has, is listed as well."""
    is_over = pod.get("status", {}).get("phase") in {"Failed", "Succeeded"}
    return not is_over and not pod["metadata"].get("deletionTimestamp")


def _pod(document: Any) -> Pod:
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
