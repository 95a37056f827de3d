"""What a cluster says of its objects, of one Deployment and its pods, asked by kubectl."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ci_steps.deploying.kubernetes_objects import HASH, Pod, Rollout, is_there, pod_of, rollout_of
from ci_steps.deploying.kubernetes_refusals import refusal, refused_manifests
from ci_steps.errors import OutsideError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

# Annotation of a Deployment: the hash of the template that was proven.
PROVEN = "ci-steps.io/proven"
_REVISION = "deployment.kubernetes.io/revision"
_MOST_EVENTS = 6
_CHANGE_SECONDS = 60


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
        return rollout_of(json.loads(text)) if text.strip() else None

    def pods(self, selector: Mapping[str, str]) -> tuple[Pod, ...]:
        """Return the pods that answer, without those that are about to end."""
        return self.selected(",".join(f"{key}={value}" for key, value in sorted(selector.items())))

    def selected(self, selector: str) -> tuple[Pod, ...]:
        """Return the same by a selector as kubectl has it."""
        text = self.ask("get", "pods", f"--selector={selector}", "--output", "json")
        try:
            return tuple(pod_of(one) for one in json.loads(text)["items"] if is_there(one))
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
        answer = self._asked(*dry)
        if answer.ok:
            return list(_each(answer.output))
        raise refused_manifests(answer)

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
