"""Recording the releases of a catalog, without taking anything from what is known better.

A catalog is what somebody wrote, a pipeline records what happened: a release that a pipeline
recorded stays as it is, and an edge without a version changes no requirement.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ci_steps.catalog.annotations import REQUIREMENTS
from ci_steps.dictionary import questions, release_questions
from ci_steps.dictionary.release_recording import Recorded, put_releases
from ci_steps.model import Release

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.catalog.findings import Catalog, Listed
    from ci_steps.errors import Problem
    from ci_steps.versions import Requirement

UNKNOWN_COMMIT = "unknown"


class Taken(NamedTuple):
    """A release that a file lists, and what is in the dictionary for it."""

    place: Problem
    listed: Listed
    release: Release
    recorded: Recorded


class _Needs(NamedTuple):
    """By service the providers of which no file says a version, and what was needed of them."""

    unversioned: Mapping[str, Collection[str]]
    before: Mapping[str, Sequence[Requirement]]


def record_releases(connection: Connection, catalog: Catalog, now: datetime) -> list[Taken]:
    """Record the releases of a catalog; one that cannot be recorded is among its problems.

    Cost: some twenty statements, however many there are.
    """
    unversioned = catalog.unversioned()
    needs = _Needs(unversioned, _live_needs(connection, filter(unversioned.get, unversioned)))
    known = release_questions.find_all(
        connection, [(one.service, one.version) for _, one in catalog.releases]
    )
    releases = []
    for place, one in catalog.releases:
        before = known.get((one.service, one.version))
        release = _wanted(one, before, needs)
        if before is not None and _is_better_known(one, before):
            _note_difference(catalog, place, one, before, release)
            release = before
        releases.append(release)
    taken = []
    put = put_releases(connection, releases, now)
    for (place, one), release, recorded in zip(catalog.releases, releases, put, strict=True):
        if isinstance(recorded, Recorded):
            taken.append(Taken(place, one, release, recorded))
        else:
            catalog.wrong(place, f"{recorded}. {recorded.hint}")
    return taken


def note_edges(connection: Connection, catalog: Catalog, taken: Iterable[Taken]) -> None:
    """Report the edges that no requirement covers; nothing is recorded for them."""
    unversioned = catalog.unversioned()
    edges = [one for one in catalog.edges if one.provider in unversioned[one.dependent]]
    known = [*_live_needs(connection, {one.dependent for one in edges}).items()]
    known += [(one.listed.service, one.release.requirements) for one in taken]
    kept: dict[tuple[str, str], set[str]] = defaultdict(set)
    for service, requirements in known:
        for need in requirements:
            kept[service, need.provider].add(need.written)
    for edge in edges:
        written = ", ".join(sorted(kept[edge.dependent, edge.provider]))
        what = f"{edge.dependent} needs {edge.provider}, in no version that the file says: "
        way_out = f"nothing is recorded until {REQUIREMENTS} says one"
        catalog.note(edge.place, what + (f"{written} is kept" if written else way_out))


def _live_needs(
    connection: Connection, services: Iterable[str]
) -> dict[str, tuple[Requirement, ...]]:
    found = questions.dependencies_of(connection, services)
    return {name: tuple(one.requirement for one in edges) for name, edges in found.items()}


def _wanted(one: Listed, known: Release | None, needs: _Needs) -> Release:
    """Return a release as its file says it."""
    commit = one.commit or (known.commit if known else UNKNOWN_COMMIT)
    contract = known.contract_digest if known else ""
    return Release(one.service, one.version, commit, _required(one, known, needs), contract)


def _is_better_known(one: Listed, known: Release) -> bool:
    """Return whether a pipeline has recorded it."""
    return known.final or known.commit not in {UNKNOWN_COMMIT, one.commit}


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


def _required(one: Listed, known: Release | None, needs: _Needs) -> tuple[Requirement, ...]:
    """Return what a release needs: as its file says, else as the dictionary knows.

    An edge without a version keeps the requirement that this release, or what runs, has.
    """
    if one.requirements is None and known is not None:
        return known.requirements
    found = list(one.requirements or ())
    edges = set(needs.unversioned[one.service])
    before = needs.before.get(one.service, ())
    for need in (*(known.requirements if known else ()), *reversed(before)):
        if need.provider in edges:
            edges.remove(need.provider)
            found.append(need)
    return tuple(found)


def _written(release: Release) -> set[str]:
    return {one.written for one in release.requirements}
