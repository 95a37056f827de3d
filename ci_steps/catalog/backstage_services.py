"""Components and APIs of Backstage -> services, releases, and edges without a version."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ci_steps.catalog import annotations as ours
from ci_steps.catalog.entities import Entity, Ref, check_annotations
from ci_steps.catalog.findings import Edge, Listed, place_of
from ci_steps.catalog.index import Index, is_library
from ci_steps.model import Service
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.worlds.document import KeyPath
    from ci_steps.versions import Requirement

# What an export says of a service without an owner: the format wants one.
NOBODY = Ref("group", "ci-steps", "nobody")
_UNKNOWN = "unknown"
_URL = "url:"


def read_services(index: Index) -> None:
    """Put the services of the index into its catalog."""
    providers = _providers(index)
    for ref, entity in index.entities.items():
        if ref.kind == "component" and is_library(entity):
            index.catalog.note(entity.place, f"{ref} is a library and no service: ignored")
        if ref not in index.services:
            continue
        check_annotations(entity, ours.ON_SERVICES, suffixed=ours.OF_RELEASE)
        name = index.services[ref]
        source = entity.annotation(ours.SOURCE)
        repository = source.removeprefix(_URL) if source.startswith(_URL) else ""
        index.catalog.services[name] = Service(name, _owner(entity, index), repository)
        index.catalog.production |= set(ours.parts(entity.annotation(ours.PRODUCTION)))
        index.catalog.releases += [(entity.place, one) for one in _releases(entity, name)]
        index.catalog.edges += _edges(entity, name, index, providers)


def _providers(index: Index) -> dict[Ref, list[str]]:
    """Return the services that provide each API."""
    found: dict[Ref, list[str]] = defaultdict(list)
    for ref, name in index.services.items():
        for _, api in index.entities[ref].refs("providesApis", "api"):
            found[api].append(name)
    return found


def _owner(entity: Entity, index: Index) -> str:
    ref = entity.single_ref("owner", "group")
    if ref is None or ref == NOBODY:
        return ""
    found = index.owner(ref)
    if found:
        return found
    text = f"{ref} is in no file and not in the dictionary{index.near(ref)}"
    index.catalog.note(place_of(entity.document, (*entity.spec.path, "owner")), text)
    return "" if ref.name == _UNKNOWN else ref.name


def _releases(entity: Entity, service: str) -> Iterator[Listed]:
    """Yield the releases that annotations list, those with one suffix together."""
    keys = [str(key) for key in entity.annotations.content]
    suffixes = dict.fromkeys(
        key[len(one) :] for key in keys for one in ours.OF_RELEASE if _is(key, one)
    )
    versions: set[object] = set()
    places: set[tuple[str, str]] = set()
    for suffix in suffixes:
        listed = _release(entity, service, suffix)
        if listed is None:
            continue
        taken = {(place, slot or listed.version.line) for place, slot in listed.runs}
        if listed.version in versions or places & taken:
            entity.annotations.wrong(
                ours.VERSION + suffix,
                f"{listed.version}, or a slot it runs in, is listed already",
            )
            continue
        versions.add(listed.version)
        places |= taken
        yield listed


def _is(key: str, one: str) -> bool:
    return key == one or key.startswith(f"{one}.")


def _release(entity: Entity, service: str, suffix: str) -> Listed | None:
    attempt, above = entity.document.attempt, entity.annotations.path
    commit_path = (*above, ours.COMMIT + suffix)
    commit = attempt(commit_path, ours.read_commit, entity.annotation(ours.COMMIT + suffix)) or ""
    requirements = _requirements(entity, ours.REQUIREMENTS + suffix)
    path = (*above, ours.ENVIRONMENTS + suffix)
    texts = ours.parts(entity.annotation(ours.ENVIRONMENTS + suffix))
    runs = [attempt(path, ours.read_run, text) for text in texts]
    key = ours.VERSION + suffix
    written = entity.annotations.content.get(key)
    if written is None:
        entity.annotations.wrong(key, "must be given: commit and requirements are a version's")
        return None
    version = attempt((*above, key), parse_version, written)
    if version is None:
        return None
    places = tuple(dict.fromkeys(one for one in runs if one is not None))
    return Listed(service, version, commit, requirements, places)


def _requirements(entity: Entity, key: str) -> tuple[Requirement, ...] | None:
    """Return what an annotation lists; None if it is not there and nothing is said."""
    if key not in entity.annotations.content:
        return None
    path = (*entity.annotations.path, key)
    texts = ours.parts(entity.annotation(key))
    found = [entity.document.attempt(path, ours.read_requirement, one) for one in texts]
    return tuple(one for one in found if one is not None)


def _edges(
    entity: Entity, service: str, index: Index, providers: dict[Ref, list[str]]
) -> Iterator[Edge]:
    for path, ref in entity.refs("dependsOn", "component"):
        yield from _edge(entity, path, index, (service, ref))
    for path, ref in entity.refs("dependencyOf", "component"):
        yield from _edge(entity, path, index, (ref, service))
    for path, ref in entity.refs("consumesApis", "api"):
        place = place_of(entity.document, path)
        for provider in providers.get(ref, ()):
            if provider != service:
                yield Edge(service, provider, place)
        if ref not in providers:
            index.catalog.note(place, f"no component in the files provides {ref}")


def _edge(
    entity: Entity, path: KeyPath, index: Index, ends: tuple[Ref | str, Ref | str]
) -> Iterator[Edge]:
    """Yield an edge between dependent and provider, one of which is a reference."""
    refs = [end for end in ends if isinstance(end, Ref)]
    is_service = all(ref.kind == "component" for ref in refs)
    if not is_service or any(_is_library_at(index, ref) for ref in refs):
        return
    dependent, provider = (index.service(end) if isinstance(end, Ref) else end for end in ends)
    place = place_of(entity.document, path)
    if dependent and provider and dependent != provider:
        yield Edge(dependent, provider, place)
    for ref in refs:
        if not index.service(ref):
            text = f"{ref} is in no file and not in the dictionary{index.near(ref)}"
            index.catalog.note(place, text)


def _is_library_at(index: Index, ref: Ref) -> bool:
    return ref in index.entities and is_library(index.entities[ref])
