"""What a world file says, as values; see `ci_steps.dictionary.worlds.world` for its shape."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ci_steps.dictionary.worlds.document import Document, Entry, KeyPath, entry_at, written
from ci_steps.errors import UsageError
from ci_steps.model import Contact, Deployment, Owner, Release, Service
from ci_steps.uses.operations import read_operation
from ci_steps.uses.values import Uses, digest_of
from ci_steps.versions import check_name, parse_requirement, parse_version, requirement

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.versions import Requirement, Version

_T = TypeVar("_T")
_PARTS = ("owners", "services", "environments", "releases", "deployments")


@dataclass
class World:
    """What a file says, each thing with its place. `now` stands for times left out."""

    now: datetime
    owners: dict[KeyPath, Owner] = field(default_factory=dict)
    services: dict[KeyPath, Service] = field(default_factory=dict)
    environments: dict[KeyPath, tuple[str, bool | None]] = field(default_factory=dict)
    releases: dict[KeyPath, Release] = field(default_factory=dict)
    deployments: dict[KeyPath, Deployment] = field(default_factory=dict)
    uses: dict[str, Uses] = field(default_factory=dict)


def read_world(document: Document, content: object, now: datetime) -> World:
    """Return what can be read; the rest is noted in *document*."""
    # An empty file is an empty world.
    top = entry_at(document, (), {} if content is None else content, _PARTS)
    if top is None:
        return World(now)
    uses: dict[str, Uses] = {}
    return World(
        now,
        uses=uses,
        owners=_owners(top),
        services=_services(top),
        environments=_environments(top),
        releases=_once(document, _releases(top, uses), lambda one: (one.service, one.version)),
        deployments=_once(
            document,
            _deployments(top, now),
            lambda one: (one.service, one.environment, one.slot),
        ),
    )


def _owners(top: Entry) -> dict[KeyPath, Owner]:
    return {
        entry.path: Owner(name, entry.text("title"), _contacts(entry))
        for name, entry in top.named("owners", "title", "contacts")
    }


def _contacts(owner: Entry) -> tuple[Contact, ...]:
    return tuple(
        Contact(entry.text("channel", required=True), entry.text("address", required=True))
        for entry in owner.entries("contacts", "channel", "address")
    )


def _services(top: Entry) -> dict[KeyPath, Service]:
    found = {}
    for name, entry in top.named("services", "owner", "repository"):
        service = Service(name, entry.text("owner"), entry.text("repository"))
        if _is_service_name(top.document, entry.path, name):
            found[entry.path] = service
    return found


def _environments(top: Entry) -> dict[KeyPath, tuple[str, bool | None]]:
    return {
        entry.path: (name, entry.flag("production") if "production" in entry.content else None)
        for name, entry in top.named("environments", "production")
    }


def _releases(top: Entry, kept: dict[str, Uses]) -> dict[KeyPath, Release]:
    """Return the releases; what they use goes to *kept*, by its digest."""
    keys = ("service", "version", "commit", "depends_on", "uses", "contract_digest", "recorded_at")
    found = {}
    for entry in top.entries("releases", *keys):
        service, version = _service(entry), _version(entry)
        commit = entry.text("commit", required=True)
        requirements = _requirements(entry)
        uses = _uses(entry, requirements)
        digest, at = entry.text("contract_digest"), entry.moment("recorded_at")
        if service and version is not None:
            kept.update({digest_of(one): one for one in uses.values()})
            found[entry.path] = Release(
                service,
                version,
                commit,
                requirements,
                digest,
                final=True,
                recorded_at=at,
                uses={provider: digest_of(one) for provider, one in uses.items()},
            )
    return found


def _deployments(top: Entry, now: datetime) -> dict[KeyPath, Deployment]:
    found = {}
    for entry in top.entries(
        "deployments", "service", "version", "environment", "slot", "address", "digest", "at"
    ):
        service, version = _service(entry), _version(entry)
        environment = entry.text("environment", required=True)
        slot, address, digest = (entry.text(key) for key in ("slot", "address", "digest"))
        at = entry.moment("at") or now
        if service and version is not None and environment:
            found[entry.path] = Deployment(
                service=service,
                version=version,
                commit="",  # that of the release
                environment=environment,
                slot=slot or version.line,
                at=at,
                address=address,
                digest=digest,
            )
    return found


def _service(entry: Entry) -> str:
    name = entry.text("service", required=True)
    if name and _is_service_name(entry.document, (*entry.path, "service"), name):
        return name
    return ""


def _is_service_name(document: Document, path: KeyPath, name: str) -> bool:
    return document.attempt(path, partial(check_name, name, long_form=True)) is not None


def _version(entry: Entry) -> Version | None:
    if entry.content.get("version") is None:
        entry.wrong("version", "must be given")
        return None
    path = (*entry.path, "version")
    return entry.document.attempt(path, parse_version, entry.content["version"])


def _requirements(release: Entry) -> tuple[Requirement, ...]:
    found = [
        release.document.attempt(path, _requirement, release.document, path, value)
        for path, value in release.members("depends_on")
    ]
    return tuple(one for one in found if one is not None)


def _requirement(document: Document, path: KeyPath, value: object) -> Requirement | None:
    if not isinstance(value, Mapping):
        return parse_requirement(value)  # type: ignore[arg-type]  # says what is wrong with others
    entry = entry_at(document, path, value, ("service", "version"))
    service = entry.text("service", required=True) if entry else ""
    if entry and value.get("version") is None:
        entry.wrong("version", "must be given")
        return None
    return requirement(service, value["version"]) if service else None


def _uses(release: Entry, needs: tuple[Requirement, ...]) -> dict[str, Uses]:
    """Return what is used, by provider: operations as ci-steps.yaml lists them."""
    given = release.content.get("uses")
    if given is not None and not isinstance(given, Mapping):
        release.wrong("uses", f"expected the operations of each provider, got {given!r}")
    part = Entry(
        release.document, (*release.path, "uses"), given if isinstance(given, Mapping) else {}
    )
    found: dict[str, Uses] = {}
    for provider in part.content:
        if provider not in {one.provider for one in needs}:
            part.wrong(provider, f"{provider} is not under depends_on")
        read = [
            release.document.attempt(path, _operation, line)
            for path, line in part.members(provider)
        ]
        found[provider] = sum(filter(None, read), Uses())
    return {provider: uses for provider, uses in found.items() if uses}


def _operation(line: object) -> Uses:
    if not isinstance(line, str):
        raise UsageError(f"expected an operation such as GET /tokens, got {line!r}")
    return read_operation(line)


def _once(
    document: Document, part: dict[KeyPath, _T], key: Callable[[_T], Hashable]
) -> dict[KeyPath, _T]:
    """Return what is listed first; a second one is a problem, for only one can be meant."""
    first: dict[Hashable, KeyPath] = {}
    for path, thing in part.items():
        other = first.setdefault(key(thing), path)
        if other != path:
            document.wrong(path, f"is there already, as {written(other)}")
    return {path: part[path] for path in first.values()}
