"""The manifests of a service, with what ci-steps knows put in: the image, labels, variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.deploying.placeholders import fill
from ci_steps.errors import OutsideError, RefusedError, UsageError
from ci_steps.outside.processes import written
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.options import Command
    from ci_steps.outside import Outside

SERVICE, SLOT, COMMIT = "ci-steps.io/service", "ci-steps.io/slot", "ci-steps.io/commit"
ENVIRONMENT = "ci-steps.io/environment"
VERSION = "app.kubernetes.io/version"
_HOOK = "helm.sh/hook"
_ENDS = (".yaml", ".yml", ".json")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_MOST_BYTES = 5_000_000


@dataclass(frozen=True)
class Written:
    """Where manifests are: files and folders, or a command that prints them."""

    root: Path
    places: Sequence[str]
    render: Command
    kubectl: tuple[str, ...]

    def text(self, filled: Mapping[str, str], outside: Outside) -> str:
        """Return all of them as one text, with ${CI_STEPS_…} filled in."""
        if self.render:
            parts = [_printed(self.rendering(filled), self.root, outside, filled)]
        else:
            parts = [part for place in self.places for part in self._read(place, outside)]
        text = "\n---\n".join(parts)
        if len(text) > _MOST_BYTES:
            raise UsageError(f"the manifests have more than {_MOST_BYTES:,} characters")
        return fill(text, filled)

    def rendering(self, filled: Mapping[str, str]) -> tuple[str, ...]:
        """Return the command that prints them, with ${CI_STEPS_…} filled in."""
        return tuple(fill(part, filled) for part in self.render)

    def _read(self, place: str, outside: Outside) -> list[str]:
        path = self.root / place
        if path.is_dir() and any((path / name).is_file() for name in _KUSTOMIZATIONS):
            return [_printed((*self.kubectl, "kustomize", str(path)), self.root, outside, {})]
        files = (
            sorted(one for one in path.iterdir() if one.suffix in _ENDS)
            if path.is_dir()
            else [path]
        )
        if not files:
            raise UsageError(f"{place}: no manifest is in this folder", hint=_HINT)
        try:
            return [file.read_text(encoding="utf-8") for file in files]
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise UsageError(f"{place}: {reason.lower()}", hint=_HINT) from error


_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_HINT = "Name files or folders under `manifests`, from the folder of the service."


@dataclass(frozen=True)
class Inserted:
    """What is put into the Deployment that is this build."""

    service: str
    slot: str
    environment: str
    version: str
    commit: str
    image: str
    container: str
    told: Mapping[str, str]


def without_hooks(documents: Sequence[Any]) -> tuple[list[Any], tuple[str, ...]]:
    """Return the objects that are there to stay, and the names of those that Helm would run."""
    hooks = [one for one in documents if _HOOK in (one["metadata"].get("annotations") or {})]
    names = tuple(f"{one.get('kind', '')} {one['metadata'].get('name', '')}" for one in hooks)
    return [one for one in documents if one not in hooks], names


def deployment_in(documents: Sequence[Any], name: str) -> Any:
    """Return the Deployment that is this build: the one of that name, or the only one."""
    found = {
        str(one["metadata"]["name"]): one for one in documents if one.get("kind") == "Deployment"
    }
    if len(found) == 1 and not name:
        return next(iter(found.values()))
    if name not in found:
        near = did_you_mean(name, found)
        raise RefusedError(
            f"the manifests have no Deployment {name!r}{near}"
            if name
            else f"the manifests have {len(found) or 'no'} Deployment{'s' if found else ''}",
            hint="Name the one that is this build under `deployment`.",
        )
    return found[name]


def insert(documents: Sequence[Any], deployment: Any, what: Inserted) -> None:
    """Put the image, labels and variables into the Deployment, and our labels on all objects."""
    if not _LABEL.fullmatch(what.version):
        raise RefusedError(f"{what.version!r} is no value of a label in Kubernetes")
    for one in documents:
        labels = one["metadata"].setdefault("labels", {})
        labels.update({SERVICE: what.service, SLOT: what.slot})
    template = deployment["spec"]["template"]
    ours = {
        SERVICE: what.service,
        SLOT: what.slot,
        ENVIRONMENT: what.environment,
        VERSION: what.version,
    }
    deployment["metadata"]["labels"][VERSION] = what.version
    # A label on the template, and never in the selector, which cannot be changed.
    meta = template.setdefault("metadata", {})
    meta["labels"] = {**meta.get("labels", {}), **ours}
    meta["annotations"] = {**(meta.get("annotations") or {}), COMMIT: what.commit}
    container = _container(template["spec"]["containers"], what)
    if what.image:
        container["image"] = what.image
    # So that the cluster keeps what it printed last, where it ends.
    container.setdefault("terminationMessagePolicy", "FallbackToLogsOnError")
    known = {one["name"]: one for one in container.get("env") or ()}
    known.update({name: {"name": name, "value": value} for name, value in what.told.items()})
    container["env"] = list(known.values())


def _container(containers: Sequence[Any], what: Inserted) -> Any:
    name = what.container or what.service
    found = {one["name"]: one for one in containers}
    if len(found) == 1 and not what.container:
        return containers[0]
    if name not in found:
        raise RefusedError(
            f"the Deployment has no container {name!r}{did_you_mean(name, found)}",
            hint="Name the one that is this build under `container`.",
        )
    return found[name]


def _printed(command: Sequence[str], root: Path, outside: Outside, told: Mapping[str, str]) -> str:
    answer = outside.ask(command, cwd=root, env=told)
    if not answer.ok:
        raise OutsideError(f"`{written(command)}`: {answer.last_line}")
    return answer.output
