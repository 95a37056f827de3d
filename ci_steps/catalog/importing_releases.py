"""Recording the releases of a catalog, without taking anything from what is known better.

A catalog is what somebody wrote, a pipeline records what happened: a release or a deployment
that a pipeline recorded stays as it is, and an edge without a version changes no requirement.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ci_steps.catalog.annotations import REQUIREMENTS
from ci_steps.dictionary import (
    deployment_recording,
    questions,
    recording,
    release_questions,
    release_recording,
)
from ci_steps.dictionary.recording import Effect
from ci_steps.errors import UsageError
from ci_steps.model import Deployment, Release

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ci_steps.catalog.findings import Catalog, Listed
    from ci_steps.errors import Problem
    from ci_steps.versions import Requirement

BY = "catalog import"
UNKNOWN_COMMIT = "unknown"


@dataclass(frozen=True)
class _Import:
    """A catalog on its way into the dictionary.

    `unversioned` has by service the providers of which no file says a version, `before` what
    was needed of them when the import began.
    """

    connection: Connection
    catalog: Catalog
    now: datetime
    unversioned: Mapping[str, set[str]]
    before: Mapping[str, tuple[Requirement, ...]]


def record_releases(
    connection: Connection, catalog: Catalog, now: datetime
) -> dict[str, list[Effect]]:
    """Record the releases of a catalog and where they run, and return what became of each."""
    environments = {name: None for _, one in catalog.releases for name, _ in one.runs}
    effects: dict[str, list[Effect]] = {
        "environments": [_record_environment(connection, catalog, name) for name in environments],
        "releases": [],
        "deployments": [],
    }
    unversioned = catalog.unversioned()
    before = {service: _live_needs(connection, service) for service in unversioned}
    work = _Import(connection, catalog, now, unversioned, before)
    listed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for place, one in catalog.releases:
        try:
            release, effect = _record_release(work, place, one)
        except UsageError as error:
            catalog.wrong(place, f"{error}. {error.hint}")
            continue
        effects["releases"].append(effect)
        for name, slot in one.runs:
            deployment = _deployment(release, name, slot, now)
            listed[one.service].add((name, deployment.slot))
            effects["deployments"].append(_record_deployment(work, place, deployment, effect))
    for service, kept in listed.items():
        effects["deployments"] += _end_others(connection, service, kept, now)
    return effects


def note_edges(connection: Connection, catalog: Catalog) -> None:
    """Report the edges that no requirement covers; nothing is recorded for them."""
    unversioned = catalog.unversioned()
    needs = {edge.dependent: _live_needs(connection, edge.dependent) for edge in catalog.edges}
    for _, one in catalog.releases:
        known = release_questions.find(connection, one.service, one.version)
        if known and one.service in needs:
            needs[one.service] += known.requirements
    for edge in catalog.edges:
        if edge.provider not in unversioned[edge.dependent]:
            continue
        kept = {one.written for one in needs[edge.dependent] if one.provider == edge.provider}
        what = f"{edge.dependent} needs {edge.provider}, in no version that the file says: "
        way_out = f"nothing is recorded until {REQUIREMENTS} says one"
        catalog.note(edge.place, what + (f"{', '.join(sorted(kept))} is kept" if kept else way_out))


def _record_environment(connection: Connection, catalog: Catalog, name: str) -> Effect:
    production = True if name in catalog.production else None
    return recording.record_environment(connection, name, production=production)


def _live_needs(connection: Connection, service: str) -> tuple[Requirement, ...]:
    return tuple(edge.requirement for edge in questions.dependencies(connection, service))


def _record_release(work: _Import, place: Problem, one: Listed) -> tuple[Release, Effect]:
    known = release_questions.find(work.connection, one.service, one.version)
    commit = one.commit or (known.commit if known else UNKNOWN_COMMIT)
    wanted = Release(one.service, one.version, commit, _needs(work, one, known))
    if known is None:
        return wanted, release_recording.record_release(work.connection, wanted, work.now)
    if known.final or known.commit not in {UNKNOWN_COMMIT, one.commit}:
        _note_difference(work.catalog, place, one, known, wanted)
        return known, Effect.UNCHANGED
    wanted = replace(wanted, contract_digest=known.contract_digest)
    return wanted, release_recording.record_release(work.connection, wanted, work.now)


def _note_difference(
    catalog: Catalog, place: Problem, one: Listed, known: Release, wanted: Release
) -> None:
    differs = []
    if one.commit not in {"", known.commit}:
        differs.append(f"commit {known.commit}")
    if one.requirements is not None and _written(known) != _written(wanted):
        differs.append(", ".join(sorted(_written(known))) or "no requirements")
    if differs:
        text = f"{one.service} {one.version} is recorded with {' and '.join(differs)}"
        catalog.note(place, f"{text}: left as it is")


def _needs(work: _Import, one: Listed, known: Release | None) -> tuple[Requirement, ...]:
    """Return what a release needs: as its file says, else as the dictionary knows.

    An edge without a version keeps the requirement that this release, or what runs, has.
    """
    if one.requirements is None and known is not None:
        return known.requirements
    needs = list(one.requirements or ())
    edges = set(work.unversioned[one.service])
    for need in (*(known.requirements if known else ()), *reversed(work.before[one.service])):
        if need.provider in edges:
            edges.remove(need.provider)
            needs.append(need)
    return tuple(needs)


def _deployment(release: Release, environment: str, slot: str, now: datetime) -> Deployment:
    return Deployment(
        release.service,
        release.version,
        release.commit,
        environment,
        slot or release.version.line,
        now,
        by=BY,
    )


def _record_deployment(
    work: _Import, place: Problem, wanted: Deployment, of_release: Effect
) -> Effect:
    connection = work.connection
    opened = _opened(connection, wanted)
    if opened is None:
        return deployment_recording.record_deployment(connection, wanted)
    release = release_recording.find_release(connection, opened.service_id, wanted.version)
    if release is None or opened.release_id != release.id:
        if opened.by != BY:
            work.catalog.note(
                place,
                f"something else of {wanted.service} than {wanted.version} was deployed to "
                f"{wanted.environment}, slot {wanted.slot}: left as it is",
            )
            return Effect.UNCHANGED
        return deployment_recording.record_deployment(connection, wanted)
    if of_release is Effect.UNCHANGED:
        return Effect.UNCHANGED
    # What a deployment needs is kept with it: another list of needs is another deployment.
    deployment_recording.end_deployment(connection, wanted, wanted.at)
    same = {name: getattr(opened, name) for name in ("address", "digest", "by", "url")}
    deployment_recording.record_deployment(connection, replace(wanted, **same))
    return Effect.CHANGED


def _end_others(
    connection: Connection, service: str, kept: set[tuple[str, str]], now: datetime
) -> list[Effect]:
    """End what an earlier import said of *service* and this one does not say any more."""
    gone = [
        one
        for one in questions.live(connection, service_name=service)
        if one.by == BY and (one.environment, one.slot) not in kept
    ]
    for one in gone:
        deployment_recording.end_deployment(connection, one, now)
    return [Effect.CHANGED] * len(gone)


def _opened(connection: Connection, wanted: Deployment) -> Row[Any] | None:
    service = recording.service_id(connection, wanted.service)
    environment = recording.environment_id(connection, wanted.environment)
    return deployment_recording.find_open(connection, service, environment, wanted.slot)


def _written(release: Release) -> set[str]:
    return {one.written for one in release.requirements}
