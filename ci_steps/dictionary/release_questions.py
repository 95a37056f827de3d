"""What was released, and in which order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, select

from ci_steps.dictionary import declarations
from ci_steps.dictionary.aliases import Names, aliases, names_of
from ci_steps.dictionary.contracts.uses import uses_of
from ci_steps.dictionary.statements.given import numbers, rows
from ci_steps.dictionary.stored import read_requirement, read_version
from ci_steps.dictionary.tables import release, requirement, service
from ci_steps.errors import UsageError
from ci_steps.model import Release
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.versions import Requirement, Version


def find(connection: Connection, service_name: str, version: Version) -> Release | None:
    """Return a release of a service, however its version is spelled."""
    statement = _releases(connection, service_name).where(
        release.c.scheme == version.scheme, release.c.order == version.order
    )
    rows = connection.execute(statement).all()
    return _first(connection, [row for row in rows if _version(row) == version])


def find_all(
    connection: Connection, wanted: Iterable[tuple[str, Version]]
) -> dict[tuple[str, Version], Release]:
    """Return releases by service and version, as `find` does; four statements for all of them."""
    asked = list(dict.fromkeys(wanted))
    names = Names(aliases(connection))
    given = [
        (place, name, version.scheme, version.order)
        for place, (service_name, version) in enumerate(asked)
        for name in names.all_of([names.of(service_name)])
    ]
    found: dict[int, Row[Any]] = {}
    for row in connection.execute(_WANTED, {"wanted": given}):
        if _version(row) == asked[row.place][1]:
            found.setdefault(row.place, row)
    releases = _with_requirements(connection, found.values())
    return {asked[place]: one for place, one in zip(found, releases, strict=True)}


def newest_first(connection: Connection, service_name: str) -> tuple[Release, ...]:
    """Return the releases of a service; of two schemes, the one used last is the newer."""
    rows = connection.execute(_releases(connection, service_name).order_by(release.c.id)).all()
    last_used = {row.scheme: place for place, row in enumerate(rows)}
    # By the version itself: the stored order ties where only a prerelease differs.
    ordered = [
        row
        for scheme in sorted(last_used, key=last_used.__getitem__, reverse=True)
        for row in sorted((row for row in rows if row.scheme == scheme), key=_version, reverse=True)
    ]
    return _with_requirements(connection, ordered)


def predecessor(connection: Connection, service_name: str, version: Version) -> Release | None:
    """Return the greatest final release up to *version*, which may be *version* itself.

    A service that never used this scheme is compared with the last release of another one.
    """
    final = _releases(connection, service_name).where(release.c.final)
    same = final.where(release.c.scheme == version.scheme)
    rows = connection.execute(same.where(release.c.order <= version.order)).all()
    earlier = [row for row in rows if _version(row) <= version]
    if earlier:
        return _first(connection, [max(earlier, key=_version)])
    if connection.execute(same.limit(1)).first() is not None:
        return None
    return _first(connection, connection.execute(final.order_by(release.c.id.desc())).all())


def lines_of(connection: Connection, service_name: str) -> frozenset[str]:
    """Return the lines of a service of which something was ever recorded."""
    named = service.c.name.in_(names_of(connection, service_name))
    found = select(release.c.line).distinct().join_from(release, service).where(named)
    return frozenset(connection.scalars(found))


def check_line(connection: Connection, service_name: str, line: str) -> None:
    """Refuse a line of which nothing was ever recorded; UsageError with those that there are."""
    known = lines_of(connection, service_name)
    if line not in known:
        said = did_you_mean(line, known) or "; it has none"
        raise UsageError(f"{service_name} has no line {line!r}{said}")


def _releases(connection: Connection, service_name: str) -> Select[Any]:
    return (
        select(release, service.c.name.label("service"))
        .join_from(release, service)
        .where(service.c.name.in_(names_of(connection, service_name)))
    )


def _version(row: Row[Any]) -> Version:
    return read_version(row.label, row.scheme)


def _first(connection: Connection, rows: Iterable[Row[Any]]) -> Release | None:
    return next(iter(_with_requirements(connection, list(rows)[:1])), None)


def _with_requirements(connection: Connection, found: Iterable[Row[Any]]) -> tuple[Release, ...]:
    listed = list(found)
    needed = _requirements(connection, {row.requirement_set_id for row in listed})
    used = uses_of(connection, [row.id for row in listed])
    return tuple(
        Release(
            service=row.service,
            version=_version(row),
            commit=row.commit,
            requirements=tuple(needed[row.requirement_set_id]),
            contract_digest=row.contract_digest,
            final=row.final,
            recorded_at=row.recorded_at,
            uses=used.get(row.id, {}),
            places=declarations.read(row.places),
            database=declarations.read_change(row.database),
        )
        for row in listed
    )


def _requirements(connection: Connection, sets: set[int]) -> dict[int, list[Requirement]]:
    found: dict[int, list[Requirement]] = defaultdict(list)
    for row in connection.execute(_REQUIREMENTS, {"sets": sorted(sets)}):
        found[row.requirement_set_id].append(read_requirement(row.provider, row.written))
    return found


_given = rows("wanted", place=int, service=str, scheme=str, order=int)
_WANTED = (
    select(_given.c.place, release, service.c.name.label("service"))
    .join_from(_given, service, service.c.name == _given.c.service)
    .join(
        release,
        (release.c.service_id == service.c.id)
        & (release.c.order == _given.c.order)
        & (release.c.scheme == _given.c.scheme),
    )
)
_REQUIREMENTS = (
    select(requirement)
    .where(requirement.c.requirement_set_id.in_(numbers("sets")))
    .order_by(requirement.c.provider)
)
