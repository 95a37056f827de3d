"""Which changes of a comparison touch who uses what of a contract, kept beside the comparison."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select

from ci_steps.comparisons.changes import Level
from ci_steps.dictionary import tables
from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.contracts.kept import comparison, comparison_id
from ci_steps.dictionary.contracts.uses import kept_uses, live_uses
from ci_steps.dictionary.statements.given import numbers, texts
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.values import digest_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ci_steps.dictionary.contracts.kept import Comparison
    from ci_steps.uses.values import Uses


def keep_narrowed(connection: Connection, old: str, new: str, uses: str, found: Narrowed) -> None:
    """Keep what touches who uses *uses*, for two contracts whose comparison is kept."""
    number, compared = comparison_id(connection, old, new), comparison(connection, old, new)
    if number is None or compared is None:
        raise ValueError("only a comparison that is kept can be narrowed")
    touching = set(found.touching)
    content = {
        "touching": [at for at, one in enumerate(compared.changes) if one in touching],
        "doubts": list(found.doubts),
    }
    table = tables.narrowing
    connection.execute(
        delete(table).where(table.c.comparison_id == number, table.c.uses_digest == uses)
    )
    connection.execute(
        insert(table).values(
            comparison_id=number,
            uses_digest=uses,
            level=int(found.level),
            content=zlib.compress(json.dumps(content).encode()),
        )
    )


def kept_narrowed(
    connection: Connection, old: str, new: str, uses: Iterable[str]
) -> dict[str, Narrowed]:
    """Return what touches those who use *uses*, by the digest, as far as it is kept."""
    number, compared = comparison_id(connection, old, new), comparison(connection, old, new)
    if number is None or compared is None:
        return {}
    table = tables.narrowing
    rows = connection.execute(
        select(table.c.uses_digest, table.c.content).where(
            table.c.comparison_id == number, table.c.uses_digest.in_(texts("uses"))
        ),
        {"uses": sorted(set(uses))},
    )
    return {row.uses_digest: _read(compared.changes, row.content) for row in rows}


def spared_by(
    connection: Connection, starts: Collection[str], uses: Collection[str]
) -> dict[tuple[str, str], set[str]]:
    """Return the contracts that do not break who uses *uses* and was content with a start.

    By the digests of a start and of uses. Comparisons are followed step by step, as by
    `led_to`; each step must break nothing, or nothing that is used.
    """
    edges: dict[str, list[tuple[str, Level, dict[str, Level]]]] = {}
    frontier = set(starts)
    while frontier:
        found = _compared_with(connection, frontier, uses)
        edges.update({old: found.get(old, []) for old in frontier})
        frontier = {
            new
            for old in frontier
            for new, level, narrowed in edges[old]
            if min([level, *narrowed.values()]) < Level.BREAKING and new not in edges
        }
    return {(start, one): _followed(edges, start, one) for start in starts for one in uses}


def _followed(
    edges: dict[str, list[tuple[str, Level, dict[str, Level]]]], start: str, uses: str
) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for new, level, narrowed in edges.get(waiting.pop(), ()):
            if new not in reached and narrowed.get(uses, level) < Level.BREAKING:
                reached.add(new)
                waiting.append(new)
    return reached


def _compared_with(
    connection: Connection, digests: Collection[str], uses: Collection[str]
) -> dict[str, list[tuple[str, Level, dict[str, Level]]]]:
    table, before, after = (
        tables.comparison,
        tables.contract.alias("before"),
        tables.contract.alias("after"),
    )
    rows = connection.execute(
        select(table.c.id, before.c.digest.label("old"), after.c.digest, table.c.level)
        .join_from(table, before, table.c.old_id == before.c.id)
        .join(after, table.c.new_id == after.c.id)
        .where(before.c.digest.in_(texts("digests"))),
        {"digests": sorted(digests)},
    ).all()
    narrowed = _levels(connection, [row.id for row in rows], uses)
    found: dict[str, list[tuple[str, Level, dict[str, Level]]]] = {}
    for row in rows:
        edge = (row.digest, Level(row.level), narrowed.get(row.id, {}))
        found.setdefault(row.old, []).append(edge)
    return found


def _levels(
    connection: Connection, comparisons: Iterable[int], uses: Collection[str]
) -> dict[int, dict[str, Level]]:
    columns = tables.narrowing.c
    found: dict[int, dict[str, Level]] = {}
    rows = connection.execute(
        select(columns.comparison_id, columns.uses_digest, columns.level).where(
            columns.comparison_id.in_(numbers("comparisons"))
        ),
        {"comparisons": sorted(comparisons)},
    )
    for row in rows:
        if row.uses_digest in uses:
            found.setdefault(row.comparison_id, {})[row.uses_digest] = Level(row.level)
    return found


def _read(changes: tuple[Any, ...], content: bytes) -> Narrowed:
    kept = json.loads(zlib.decompress(content))
    touching = set(kept["touching"])
    return Narrowed(
        tuple(one for at, one in enumerate(changes) if at in touching),
        tuple(one for at, one in enumerate(changes) if at not in touching),
        tuple(kept["doubts"]),
    )


def missing(
    connection: Connection, provider: str, contract: str = "", uses: Uses | None = None
) -> list[tuple[Comparison, dict[str, Uses]]]:
    """Return the comparisons that may break dependents of *provider*, with what to narrow them by.

    They lead to a contract that is live or to *contract*; what is used is that of live
    dependents and *uses*. Pairs that are known are left out.
    """
    given = {digest_of(uses): uses} if uses else {}
    digests = {*live_uses(connection, provider).values(), *given}
    if not digests:
        return []
    found = []
    for old, new in _leading_to(connection, {*_live_contracts(connection, provider), contract}):
        wanted = digests - set(kept_narrowed(connection, old, new, digests))
        compared = comparison(connection, old, new) if wanted else None
        if compared:
            by_digest = {**kept_uses(connection, wanted), **given}
            found.append(
                (compared, {digest: by_digest[digest] for digest in by_digest if digest in wanted})
            )
    return found


def _live_contracts(connection: Connection, provider: str) -> set[str]:
    place, of = tables.deployment, tables.release
    rows = connection.execute(
        select(of.c.contract_digest)
        .join_from(place, of, place.c.release_id == of.c.id)
        .join(tables.service, place.c.service_id == tables.service.c.id)
        .where(
            tables.service.c.name.in_(names_of(connection, provider)), place.c.ended_at.is_(None)
        )
    )
    return {row.contract_digest for row in rows}


def _leading_to(connection: Connection, digests: Collection[str]) -> list[tuple[str, str]]:
    """Return the comparisons with a change that callers notice, by the digests of both ends."""
    table, before, after = (
        tables.comparison,
        tables.contract.alias("before"),
        tables.contract.alias("after"),
    )
    rows = connection.execute(
        select(before.c.digest.label("old"), after.c.digest.label("new"))
        .join_from(table, before, table.c.old_id == before.c.id)
        .join(after, table.c.new_id == after.c.id)
        .where(after.c.digest.in_(sorted(digests)), table.c.level > int(Level.COMPATIBLE))
    )
    return [(row.old, row.new) for row in rows]
