"""Answers of the dictionary as tables; their JSON has the same columns as keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ci_steps.cli.dictionary.cells import (
    Cell,
    commit,
    listed,
    moment,
    number,
    owned_by,
    value_of,
)
from ci_steps.model import DatabaseChange, Dependent, Deployment, Evidence, Release, Table

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def overview(dictionary: Dictionary) -> Table:
    """Return a line for each service: owner, what runs, how many need it."""
    live: dict[str, list[Deployment]] = {}
    for deployment in dictionary.live():
        live.setdefault(deployment.service, []).append(deployment)
    rows = tuple(
        (
            service.name,
            owned_by(service.owner),
            _versions(live.get(service.name, ())),
            listed(dict.fromkeys(one.service for one in dictionary.dependents(service.name))),
        )
        for service in dictionary.services()
    )
    return Table(("service", "owner", "live", "needed_by"), rows, "Services")


def _versions(live: Sequence[Deployment]) -> Cell:
    shown = ", ".join(f"{one.version} in {one.environment}" for one in live)
    each = [{"version": str(one.version), "environment": one.environment} for one in live]
    return Cell(shown or "nothing", each)


def service_tables(dictionary: Dictionary, name: str) -> tuple[Table, ...]:
    """Return all that is known about a service."""
    return (
        _owner(dictionary, name),
        live_table(dictionary.live(service=name)),
        _needs(dictionary.dependencies(name)),
        dependents_table(dictionary.dependents(name)),
        _releases(dictionary.releases(name)),
        _evidence(dictionary.evidence_of(name)),
        _waivers(dictionary, name),
    )


def live_table(deployments: Iterable[Deployment]) -> Table:
    """Return what runs where."""
    columns = ("service", "version", "environment", "slot", "address", "since", "commit")
    rows = tuple(
        (
            one.service,
            str(one.version),
            one.environment,
            one.slot,
            one.address,
            moment(one.at),
            commit(one.commit),
        )
        for one in deployments
    )
    return Table(columns, rows, "Live")


def dependents_table(dependents: Iterable[Dependent]) -> Table:
    """Return who needs a service."""
    rows = tuple(
        (
            one.service,
            str(one.version),
            one.environment,
            one.requirement.written,
            owned_by(one.owner),
            "known" if one.says_uses else "not known",
        )
        for one in dependents
    )
    columns = ("service", "version", "environment", "needs", "owner", "uses")
    return Table(columns, rows, "Dependents")


def loaded_table(loaded: Any, title: str = "Loaded") -> Table:
    """Return how many of each kind were added, changed and left as they were."""
    rows = tuple((name, *map(number, _counts(count))) for name, count in _parts(loaded))
    return Table(("kind", "added", "changed", "unchanged"), rows, title)


def document(tables: Sequence[Table], name: str) -> dict[str, Any]:
    """Return tables as the answer of ``--json``: the title in small letters is the key."""
    answer: dict[str, Any] = {"schema": f"ci-steps/dictionary-{name}/1"}
    for table in tables:
        key = table.title.lower().replace(" ", "_")
        answer[key] = [
            dict(zip(table.columns, map(value_of, row), strict=True)) for row in table.rows
        ]
    return answer


def _owner(dictionary: Dictionary, name: str) -> Table:
    columns = ("owner", "title", "channel", "address", "lead", "deputies", "time_zone")
    owner = dictionary.owner_of(name)
    if owner is None:
        return Table(columns, ((owned_by(""), *[""] * 4, listed(()), ""),), "Owner")
    more = (owner.lead, listed(owner.deputies), owner.time_zone)
    contacts = [(one.channel, one.address) for one in owner.contacts] or [("", "")]
    rows = tuple((owner.name, owner.title, *contact, *more) for contact in contacts)
    return Table(columns, rows, "Owner")


def _needs(dependencies: Iterable[Dependent]) -> Table:
    rows = tuple(
        (one.requirement.written, one.environment, str(one.version)) for one in dependencies
    )
    return Table(("needs", "environment", "version"), rows, "Needs")


def _releases(releases: Iterable[Release]) -> Table:
    rows = tuple(
        (
            str(one.version),
            "final" if one.final else "candidate",
            commit(one.commit),
            listed(need.written for need in one.requirements),
            moment(one.recorded_at),
            _database(one.database),
        )
        for one in releases
    )
    columns = ("version", "state", "commit", "needs", "recorded", "database")
    return Table(columns, rows, "Releases")


def _database(change: DatabaseChange | None) -> Cell:
    """Return since when the database cannot be brought back, and how people go back."""
    if change is None:
        return Cell("", None)
    shown = f"breaking since {change.since}: {change.note or 'no rollback note'}"
    return Cell(shown, {"since": str(change.since), "note": change.note or None})


def _evidence(evidence: Iterable[Evidence]) -> Table:
    columns = ("kind", "result", "version", "environment", "text", "by", "reason", "at")
    rows = tuple(
        (
            one.kind,
            "passed" if one.passed else "failed",
            one.version,
            one.environment,
            one.text,
            one.by,
            one.reason,
            moment(one.at),
        )
        for one in evidence
    )
    return Table(columns, rows, "Evidence")


def _waivers(dictionary: Dictionary, name: str) -> Table:
    from ci_steps.dictionary.verdicts.waivers import waivers_about

    with dictionary.reading() as connection:
        found = waivers_about(connection, name)
    columns = ("service", "other", "environment", "until", "reason", "by")
    rows = tuple(
        (one.service, one.other, one.environment, str(one.until), one.reason, one.by)
        for one in found
    )
    return Table(columns, rows, "Waivers")


def _parts(loaded: Any) -> Iterable[tuple[str, Any]]:
    if is_dataclass(loaded):
        return [(field.name, getattr(loaded, field.name)) for field in fields(loaded)]
    return list(loaded.items())


def _counts(count: Any) -> tuple[Any, ...]:
    return astuple(count) if is_dataclass(count) and not isinstance(count, type) else tuple(count)
