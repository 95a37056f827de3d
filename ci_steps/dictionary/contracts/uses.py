"""What releases use of their providers, kept by what is in it."""

from __future__ import annotations

import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.statements.given import numbers, texts
from ci_steps.uses.values import Uses, as_text, digest_of, from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def keep_uses(connection: Connection, uses: Uses) -> str:
    """Keep what somebody uses, and return its digest; what is there is not written again."""
    digest, table = digest_of(uses), tables.uses
    if not uses:
        return ""
    if connection.execute(select(table.c.id).where(table.c.digest == digest)).first() is None:
        content = zlib.compress(as_text(uses).encode())
        connection.execute(insert(table).values(digest=digest, content=content))
    return digest


def kept_uses(connection: Connection, digests: Iterable[str]) -> dict[str, Uses]:
    """Return what is kept of these digests."""
    table = tables.uses
    rows = connection.execute(
        select(table).where(table.c.digest.in_(texts("digests"))),
        {"digests": sorted(set(digests))},
    )
    return {row.digest: from_text(zlib.decompress(row.content).decode()) for row in rows}


def record_uses(
    connection: Connection,
    release_id: int,
    uses: Mapping[str, str],
    *,
    final: bool = False,
    same_commit: bool = True,
) -> bool:
    """Record what a release uses, by provider; return whether that changed anything.

    Of a release that was *final* before, what is known stays: it never changes. What nobody
    had said is added. A candidate of another commit begins anew.
    """
    if not uses and same_commit:
        return False
    table = tables.release_uses
    known = uses_of(connection, [release_id]).get(release_id, {})
    given = {provider: digest for provider, digest in uses.items() if digest}
    wanted = {**given, **known} if final else {**(known if same_commit else {}), **given}
    if wanted == known:
        return False
    connection.execute(delete(table).where(table.c.release_id == release_id))
    rows = [
        {"release_id": release_id, "provider": provider, "digest": digest}
        for provider, digest in sorted(wanted.items())
    ]
    if rows:
        connection.execute(insert(table), rows)
    return True


def uses_of(connection: Connection, releases: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return, for releases by their numbers, the digests of what they use by provider."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(_USES_OF, {"releases": sorted(set(releases))}):
        found[row.release_id][row.provider] = row.digest
    return dict(found)


_USES_OF = select(tables.release_uses).where(
    tables.release_uses.c.release_id.in_(numbers("releases"))
)


def live_uses(
    connection: Connection, provider: str, environment: str = "", dependent: str = ""
) -> dict[tuple[str, str, str], str]:
    """Return the digests of what live services use of *provider*.

    By dependent, its version and the environment; one that says nothing about it is missing.
    Empty names stand for all. Cost: O(log n + rows), through what is live.
    """
    live, place = tables.live_requirement, tables.deployment
    rows = connection.execute(
        select(
            tables.service.c.name,
            tables.release.c.label,
            tables.environment.c.name.label("environment"),
            tables.release_uses.c.digest,
        )
        .join_from(live, place, live.c.deployment_id == place.c.id)
        .join(tables.release, place.c.release_id == tables.release.c.id)
        .join(
            tables.release_uses,
            (tables.release_uses.c.release_id == tables.release.c.id)
            & (tables.release_uses.c.provider == live.c.provider),
        )
        .join(tables.service, live.c.dependent_id == tables.service.c.id)
        .join(tables.environment, live.c.environment_id == tables.environment.c.id)
        .where(
            live.c.provider.in_(names_of(connection, provider)),
            *([tables.environment.c.name == environment] if environment else []),
            *([tables.service.c.name == dependent] if dependent else []),
        )
        .order_by(tables.service.c.name, place.c.started_at)
    )
    return {(row.name, row.label, row.environment): row.digest for row in rows}
