"""What releases use of their providers, kept by what is in it."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
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
    if not uses:
        return ""
    (digest,) = keep_all_uses(connection, [uses])
    return digest


def keep_all_uses(connection: Connection, each: Iterable[Uses]) -> list[str]:
    """Keep what several use, and return the digests; two statements for all of them."""
    given = {digest_of(uses): uses for uses in each if uses}
    table = tables.uses
    asked = select(table.c.digest).where(table.c.digest.in_(texts("digests")))
    known = set(connection.execute(asked, {"digests": list(given)}).scalars() if given else ())
    rows = [
        {"digest": digest, "content": zlib.compress(as_text(uses).encode())}
        for digest, uses in given.items()
        if digest not in known
    ]
    if rows:
        connection.execute(insert(table), rows)
    return list(given)


def kept_uses(connection: Connection, digests: Iterable[str]) -> dict[str, Uses]:
    """Return what is kept of these digests."""
    table = tables.uses
    rows = connection.execute(
        select(table).where(table.c.digest.in_(texts("digests"))),
        {"digests": sorted(set(digests))},
    )
    return {row.digest: from_text(zlib.decompress(row.content).decode()) for row in rows}


@dataclass(frozen=True)
class Telling:
    """What a release, by its number, is told to use by provider, and what was known of it.

    Of a release that was *final* before, what is known stays: it never changes. What nobody
    had said is added. A candidate of another commit begins anew.
    """

    release: int
    uses: Mapping[str, str]
    final: bool = False
    same_commit: bool = True

    def wanted(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return what it uses from now on."""
        given = {provider: digest for provider, digest in self.uses.items() if digest}
        if self.final:
            return {**given, **known}
        return {**(known if self.same_commit else {}), **given}


def record_uses(connection: Connection, tellings: Iterable[Telling]) -> set[int]:
    """Record what releases use, and return the numbers of those of which that is a change."""
    told = [one for one in tellings if one.uses or not one.same_commit]
    if not told:
        return set()
    table, known = tables.release_uses, uses_of(connection, [one.release for one in told])
    wanted = {one.release: one.wanted(known.get(one.release, {})) for one in told}
    changed = {number for number, uses in wanted.items() if uses != known.get(number, {})}
    if not changed:
        return set()
    mine = table.c.release_id.in_(numbers("releases"))
    connection.execute(delete(table).where(mine), {"releases": sorted(changed)})
    rows = [
        {"release_id": number, "provider": provider, "digest": digest}
        for number in sorted(changed)
        for provider, digest in sorted(wanted[number].items())
    ]
    if rows:
        connection.execute(insert(table), rows)
    return changed


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
