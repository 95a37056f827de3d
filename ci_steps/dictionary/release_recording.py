"""Recording releases, inside a transaction that somebody else opened."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ci_steps.dictionary import declarations, tables
from ci_steps.dictionary.contracts.uses import record_uses
from ci_steps.dictionary.recording import (
    NUMBER_OF_SERVICE,
    Effect,
    number_of,
    service_id,
)
from ci_steps.errors import RefusedError, UsageError
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ci_steps.model import Release
    from ci_steps.versions import Requirement, Version


class Recorded(NamedTuple):
    """A release as it is kept now, by its number, and what became of it."""

    effect: Effect
    service: int
    number: int
    requirement_set: int


def record_release(connection: Connection, release: Release, at: datetime) -> Effect:
    """Record a release that was seen *at*.

    A candidate takes on what a later commit brings; a final release never changes: other
    content under its version is refused, the same content again changes nothing.
    """
    return put_release(connection, release, at).effect


def put_release(connection: Connection, release: Release, at: datetime) -> Recorded:
    """Record a release as `record_release` does, and return where it is."""
    service, requirement_set, known = _known(connection, release)
    content: dict[str, Any] = {
        "commit": release.commit,
        "contract_digest": release.contract_digest,
        "requirement_set_id": requirement_set,
    }
    if known is None:
        values = {
            **content,
            "recorded_at": release.recorded_at or at,
            "places": declarations.written(release.places),
            "database": declarations.written_change(release.database),
        }
        number = _add(connection, service, release, values)
        record_uses(connection, number, release.uses)
        return Recorded(Effect.ADDED, service, number, requirement_set)
    differs = [name for name, value in content.items() if getattr(known, name) != value]
    if known.final and differs:
        raise _already_released(release, known, differs)
    told = record_uses(
        connection,
        known.id,
        release.uses,
        final=known.final,
        same_commit="commit" not in differs,
    )
    places = _declared(release, known, "places", declarations.written(release.places))
    change = declarations.written_change(release.database)
    database = _declared(release, known, "database", change)
    is_as_known = not differs and (places, database) == (known.places, known.database)
    if is_as_known and (known.final or not release.final):
        effect = Effect.CHANGED if told else Effect.UNCHANGED
        return Recorded(effect, service, known.id, requirement_set)
    final = known.final or release.final
    values = {**content, "final": final, "places": places, "database": database}
    if differs:
        values["recorded_at"] = release.recorded_at or at
    connection.execute(update(tables.release).where(tables.release.c.id == known.id).values(values))
    return Recorded(Effect.CHANGED, service, known.id, requirement_set)


def find_release(connection: Connection, service: int, version: Version) -> Row[Any] | None:
    """Return the row of a release; 1.1 and 1.1.0 are one version."""
    release = tables.release
    rows = connection.execute(
        select(release).where(
            release.c.service_id == service,
            release.c.order == version.order,
            release.c.scheme == version.scheme,
        )
    )
    return _same_version(rows, version)


def _same_version(rows: Iterable[Row[Any]], version: Version) -> Row[Any] | None:
    """Return the row of just this one of those that tie: a prerelease, very large numbers."""
    return next((row for row in rows if parse_version(row.label, row.scheme) == version), None)


def _add(connection: Connection, service: int, release: Release, content: dict[str, Any]) -> int:
    version = release.version
    added = connection.execute(
        insert(tables.release).values(
            service_id=service,
            label=str(version),
            scheme=version.scheme,
            line=version.line,
            order=version.order,
            final=release.final,
            **content,
        )
    )
    return number_of(added.inserted_primary_key)


def _known(connection: Connection, release: Release) -> tuple[int, int, Row[Any] | None]:
    """Return the numbers of a service and of the set with just these requirements, and the row.

    Cost: one statement where both are known.
    """
    requirements = _by_provider(release)
    written = "\n".join(sorted(requirement.written for requirement in requirements))
    digest = hashlib.sha256(written.encode()).hexdigest()
    version = release.version
    rows = connection.execute(
        _KNOWN,
        {
            "name": release.service,
            "digest": digest,
            "order": version.order,
            "scheme": version.scheme,
        },
    ).all()
    service, requirement_set = rows[0].of_service, rows[0].of_set
    if service is None:
        service = service_id(connection, release.service)
    if requirement_set is None:
        requirement_set = _add_set(connection, digest, requirements)
    same = _same_version((row for row in rows if row.id is not None), version)
    return int(service), int(requirement_set), same


_numbers = select(
    NUMBER_OF_SERVICE.scalar_subquery().label("of_service"),
    select(tables.requirement_set.c.id)
    .where(tables.requirement_set.c.digest == bindparam("digest"))
    .scalar_subquery()
    .label("of_set"),
).subquery()
_KNOWN = select(_numbers, tables.release).join_from(
    _numbers,
    tables.release,
    (tables.release.c.service_id == _numbers.c.of_service)
    & (tables.release.c.order == bindparam("order", type_=tables.release.c.order.type))
    & (tables.release.c.scheme == bindparam("scheme", type_=tables.release.c.scheme.type)),
    isouter=True,
)


def as_texts(requirements: Iterable[Requirement]) -> dict[str, str]:
    """Return what a set needs as its row has it: providers and, in the same order, lines."""
    needed = sorted((one.provider, one.line) for one in requirements)
    return {
        "providers": " ".join(provider for provider, _ in needed),
        "lines": " ".join(line for _, line in needed),
    }


def _add_set(connection: Connection, digest: str, requirements: Sequence[Requirement]) -> int:
    sets = tables.requirement_set
    added = connection.execute(insert(sets).values(digest=digest, **as_texts(requirements)))
    number = number_of(added.inserted_primary_key)
    rows = [
        {
            "requirement_set_id": number,
            "provider": requirement.provider,
            "line": requirement.line,
            "written": requirement.written,
        }
        for requirement in requirements
    ]
    if rows:
        connection.execute(insert(tables.requirement), rows)
    return number


def _by_provider(release: Release) -> tuple[Requirement, ...]:
    found: dict[str, Requirement] = {}
    for requirement in release.requirements:
        other = found.setdefault(requirement.provider, requirement)
        if other.written != requirement.written:
            raise UsageError(
                f"{release.service} {release.version} needs {requirement.provider} twice: "
                f"{other} and {requirement}",
                hint="Name each service once, with the version that is called.",
            )
    return tuple(found.values())


def _declared(release: Release, known: Row[Any], name: str, given: str) -> str:
    """Return what it says about itself in a column.

    Of a final release what is known stays, and what nobody had said is added; a candidate of
    another commit begins anew.
    """
    before = str(getattr(known, name))
    if before and known.final:
        return before
    return given or (before if known.commit == release.commit else "")


def _already_released(release: Release, known: Row[Any], differs: list[str]) -> RefusedError:
    what = f"{release.service} {release.version}"
    how = ""
    if "commit" not in differs:
        words = {"contract_digest": "another contract", "requirement_set_id": "other requirements"}
        how = " with " + " and ".join(words[name] for name in differs)
    return RefusedError(
        f"{what} is already released from commit {known.commit}{how}",
        hint="A release never changes: choose the next version.",
    )
