"""The rows of releases, found by the number of their service and by their version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.statements.given import rows
from ci_steps.dictionary.stored import read_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.versions import Version


def find_release(connection: Connection, service: int, version: Version) -> Row[Any] | None:
    """Return the row of a release; 1.1 and 1.1.0 are one version."""
    return find_releases(connection, [(service, version)]).get((service, version))


def find_releases(
    connection: Connection, asked: Iterable[tuple[int, Version]]
) -> dict[tuple[int, Version], Row[Any]]:
    """Return the rows of releases, by the number of their service and by version."""
    wanted = [(service, version.scheme, version.order) for service, version in asked]
    found = connection.execute(_FIND, {"asked": wanted}) if wanted else ()
    return {(row.service_id, read_version(row.label, row.scheme)): row for row in found}


def same_version(rows: Iterable[Row[Any]], version: Version) -> Row[Any] | None:
    """Return the row of just this one of those that tie: a prerelease, very large numbers."""
    return next((row for row in rows if read_version(row.label, row.scheme) == version), None)


_asked = rows("asked", service=int, scheme=str, order=int)
_FIND = select(tables.release).join(
    _asked,
    (tables.release.c.service_id == _asked.c.service)
    & (tables.release.c.order == _asked.c.order)
    & (tables.release.c.scheme == _asked.c.scheme),
)
