"""A repository -> what `init` would choose, each with the reason that the file will give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ci_steps.catalog.codeowners import read_codeowners
from ci_steps.errors import CiStepsError
from ci_steps.scaffold.folder import Folder, at
from ci_steps.scaffold.languages import Start, Tests, has_target, start_of, tests_of
from ci_steps.scaffold.version_place import VersionPlace, version_place

if TYPE_CHECKING:
    from ci_steps.outside import Outside

TARGETS = ("process", "compose", "kubernetes", "ecs", "none")
HOSTS = ("github", "jenkins", "gitlab", "none")

_CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_CONTRACTS = (
    *(
        f"{name}.{end}"
        for name in ("openapi", "swagger", "asyncapi")
        for end in ("yaml", "yml", "json")
    ),
    *(f"*/{name}.{end}" for name in ("openapi", "swagger") for end in ("yaml", "yml", "json")),
    "schema.graphql",
    "*.graphql",
    "*.proto",
    "*/*.proto",
    "*.thrift",
    "*.avsc",
)
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MANIFESTS = ("k8s", "kubernetes", "manifests", "deploy")
_TASKS = (".aws/task-definition.json", "task-definition.json", "taskdef.json", "ecs/*.json")
_CONTAINERS = "containerDefinitions"
_KIND = re.compile(r"^kind:\s*(Deployment|StatefulSet|DaemonSet)\b", re.MULTILINE)


@dataclass(frozen=True)
class Repository:
    """What lies there. `prefix` is the folder from the root of the git repository."""

    root: Path
    top: Path
    service: str
    owner: str
    version: VersionPlace
    tests: Tests | None
    start: Start | None
    dockerfile: bool
    contract: str
    compose: str
    manifests: str
    task_definition: str
    integration: bool
    branch: str
    host: str

    @property
    def prefix(self) -> str:
        """Return the folder of the service inside the repository, empty for its root."""
        inside = self.root.relative_to(self.top).as_posix()
        return "" if inside == "." else inside

    @property
    def target(self) -> str:
        """Return how it seems to be deployed."""
        found = {
            "kubernetes": self.manifests,
            "ecs": self.task_definition,
            "compose": self.compose,
            "process": self.start,
        }
        return next((name for name, there in found.items() if there), "none")


def look(root: Path, outside: Outside) -> Repository:
    """Return what lies in the folder *root*; nothing is written."""
    root = root.resolve()
    folder = Folder(root)
    top = _top(root, outside)
    service = _service(folder)
    return Repository(
        root=root,
        top=top,
        service=service,
        owner=_owner(Folder(top), service, root.relative_to(top).as_posix()),
        version=version_place(folder),
        tests=tests_of(folder),
        start=start_of(folder),
        dockerfile=folder.has("Dockerfile"),
        contract=folder.first(*_CONTRACTS),
        compose=folder.first(*_COMPOSE),
        manifests=_manifests(folder),
        task_definition=_task_definition(folder),
        integration=has_target(folder, "integration-test"),
        branch=_branch(root, outside),
        host=_host(Folder(top), root, outside),
    )


def service_name(text: str) -> str:
    """Return *text* as the name of a service may be written, or nothing."""
    words = re.split(r"[^a-z0-9]+", text.lower())
    # A part that begins with a digit, or reads like a version, could be taken for one.
    parts = [word for word in words if word[:1].isalpha() and not re.fullmatch(r"v\d+", word)]
    return "-".join(parts)[:63].rstrip("-")


def _service(folder: Folder) -> str:
    names = (
        at(folder.toml("pyproject.toml"), "project", "name"),
        at(folder.toml("pyproject.toml"), "tool", "poetry", "name"),
        str(folder.json("package.json").get("name") or "").rpartition("/")[2],
        at(folder.toml("Cargo.toml"), "package", "name"),
        folder.root.name,
    )
    found = (service_name(name) for name in names if isinstance(name, str))
    return next(filter(None, found), "")


def _top(root: Path, outside: Outside) -> Path:
    said = _git(root, outside, "rev-parse", "--show-toplevel")
    top = Path(said).resolve() if said else root
    return top if root.is_relative_to(top) else root


def _branch(root: Path, outside: Outside) -> str:
    said = _git(root, outside, "symbolic-ref", "--short", "HEAD")
    return said if said in {"main", "master", "trunk"} else "main"


def _host(top: Folder, root: Path, outside: Outside) -> str:
    if top.has(".gitlab-ci.yml"):
        return "gitlab"
    if top.has("Jenkinsfile") or (root / "Jenkinsfile").exists():
        return "jenkins"
    if top.has(".github"):
        return "github"
    remote = _git(root, outside, "remote", "get-url", "origin")
    return next((host for host in ("github", "gitlab") if host in remote), "github")


def _git(root: Path, outside: Outside, *arguments: str) -> str:
    try:
        asked = outside.ask(["git", *arguments], cwd=root)
    except CiStepsError:
        return ""
    return asked.output.strip() if asked.ok else ""


def _owner(top: Folder, service: str, inside: str) -> str:
    """Return who owns every file of the folder, as CODEOWNERS says."""
    file = next(filter(top.has, _CODEOWNERS), "")
    if not file:
        return ""
    where = "" if PurePosixPath(inside) == PurePosixPath() else inside
    try:
        catalog = read_codeowners(top.text(file), file, service=service, folder=where, mailboxes={})
    except CiStepsError:
        return ""
    known = catalog.services.get(service)
    return known.owner if known else ""


def _manifests(folder: Folder) -> str:
    for name in _MANIFESTS:
        files = [*(folder.root / name).glob("*.yaml"), *(folder.root / name).glob("*.yml")]
        if any(_KIND.search(folder.text(str(file.relative_to(folder.root)))) for file in files):
            return name
    return ""


def _task_definition(folder: Folder) -> str:
    """Return the file with a task definition of ECS, or nothing."""
    for pattern in _TASKS:
        for path in sorted(folder.root.glob(pattern)):
            name = path.relative_to(folder.root).as_posix()
            content = folder.json(name)
            # As it is registered, or as `aws ecs describe-task-definition` prints it.
            if any(
                at(content, *keys) for keys in ((_CONTAINERS,), ("taskDefinition", _CONTAINERS))
            ):
                return name
    return ""
