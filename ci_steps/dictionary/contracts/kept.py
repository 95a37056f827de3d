"""Contracts and what became of comparing them, kept by what is in them."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from ci_steps.comparisons.changes import Change, Contract, Level, as_json, from_json, worst
from ci_steps.dictionary import tables
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.statements.plain import plain_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime


# Each is a release that was compared with the one before it.
_MOST_STEPS = 50


@dataclass(frozen=True)
class Comparison:
    """What callers of one contract notice when they meet another one, by their digests."""

    old: str
    new: str
    format: str
    changes: tuple[Change, ...]

    @property
    def level(self) -> Level:
        """The level of the worst change."""
        return worst(self.changes)


def digest_of(main: str, files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of a contract as 64 hexadecimal digits.

    That of a single file is that of its content, so that its name does not matter.
    """
    if set(files) == {main}:
        return hashlib.sha256(files[main]).hexdigest()
    lines = [f"{hashlib.sha256(files[name]).hexdigest()} {name}" for name in sorted(files)]
    return hashlib.sha256("\n".join([main, *lines]).encode()).hexdigest()


def keep_contract(connection: Connection, main: str, files: Mapping[str, bytes]) -> str:
    """Keep a contract, and return its digest; what is there already is not written again."""
    digest = digest_of(main, files)
    if _number(connection, digest) is None:
        added = connection.execute(insert(tables.contract).values(digest=digest, main=main))
        (number,) = added.inserted_primary_key or (0,)
        rows = [
            {"contract_id": number, "name": name, "content": zlib.compress(content)}
            for name, content in sorted(files.items())
        ]
        connection.execute(insert(tables.contract_file), rows)
    return digest


def kept_contract(connection: Connection, digest: str, name: str) -> Contract | None:
    """Return the contract with *digest*, which people call *name*, or None if it is not kept."""
    row = connection.execute(
        select(tables.contract).where(tables.contract.c.digest == digest)
    ).one_or_none()
    if row is None:
        return None
    columns = tables.contract_file.c
    files = connection.execute(
        select(columns.name, columns.content).where(columns.contract_id == row.id)
    )
    content = {file.name: zlib.decompress(file.content) for file in files}
    return Contract(name, row.main, content)


def keep_comparison(connection: Connection, compared: Comparison, at: datetime) -> Effect:
    """Keep the result for two contracts that are kept; the same again changes nothing."""
    known = comparison(connection, compared.old, compared.new)
    if known == compared:
        return Effect.UNCHANGED
    ends = {
        "old_id": _number(connection, compared.old),
        "new_id": _number(connection, compared.new),
    }
    if None in ends.values():
        raise ValueError("only contracts that are kept can have been compared")
    table = tables.comparison
    if known:  # by an earlier version of the rules
        narrowed = tables.narrowing
        number = comparison_id(connection, compared.old, compared.new)
        connection.execute(narrowed.delete().where(narrowed.c.comparison_id == number))
        connection.execute(
            table.delete().where(table.c.old_id == ends["old_id"], table.c.new_id == ends["new_id"])
        )
    changes = json.dumps(as_json(compared.changes))
    connection.execute(
        insert(table).values(
            **ends,
            format=compared.format,
            level=int(compared.level),
            changes=zlib.compress(changes.encode()),
            at=at,
        )
    )
    return Effect.CHANGED if known else Effect.ADDED


def comparison_id(connection: Connection, old: str, new: str) -> int | None:
    """Return the number of the comparison of two contracts, by their digests."""
    table = tables.comparison
    ends = [_number(connection, digest) for digest in (old, new)]
    found: int | None = connection.execute(
        select(table.c.id).where(table.c.old_id == ends[0], table.c.new_id == ends[1])
    ).scalar()
    return found


def comparison(connection: Connection, old: str, new: str) -> Comparison | None:
    """Return what is known about two contracts, by their digests."""
    table, before, after = (
        tables.comparison,
        tables.contract.alias("before"),
        tables.contract.alias("after"),
    )
    row = connection.execute(
        select(table.c.format, table.c.changes)
        .join_from(table, before, table.c.old_id == before.c.id)
        .join(after, table.c.new_id == after.c.id)
        .where(before.c.digest == old, after.c.digest == new)
    ).one_or_none()
    if row is None:
        return None
    changes = json.loads(zlib.decompress(row.changes))
    return Comparison(old, new, row.format, from_json(changes))


def latest_to(connection: Connection, digest: str) -> Comparison | None:
    """Return the latest comparison of any contract with that of *digest*."""
    table, before, after = (
        tables.comparison,
        tables.contract.alias("before"),
        tables.contract.alias("after"),
    )
    row = connection.execute(
        select(before.c.digest)
        .join_from(table, before, table.c.old_id == before.c.id)
        .join(after, table.c.new_id == after.c.id)
        .where(after.c.digest == digest)
        .order_by(table.c.at.desc(), table.c.id.desc())
        .limit(1)
    ).one_or_none()
    return comparison(connection, row.digest, digest) if row else None


def led_to(
    connection: Connection, targets: Mapping[str, Collection[str]]
) -> dict[str, dict[str, Level]]:
    """Return the contracts that comparisons lead to from each, by what its callers notice.

    Several compatible comparisons in a row lead further; what breaks is known only of a direct
    one. From where compatible ones have led to all its *targets*, nothing more is asked. Cost:
    one statement a step, for all of them together, through indexes.
    """
    compared: dict[str, list[tuple[str, Level]]] = {}
    found: dict[str, dict[str, Level]] = {}
    frontier = set(targets)
    for _ in range(_MOST_STEPS):
        if not frontier:
            break
        compared.update({digest: [] for digest in frontier})
        for old, new, level in _compared_with(connection, frontier):
            compared[old].append((new, level))
        found = {digest: _followed(compared, digest) for digest in targets}
        frontier = {
            new
            for digest, wanted in targets.items()
            if not (well := _compatible(found[digest])).issuperset(wanted)
            for new in well
            if new not in compared
        }
    return found


def _compatible(led: Mapping[str, Level]) -> set[str]:
    return {digest for digest, level in led.items() if level < Level.BREAKING}


def _followed(compared: Mapping[str, Sequence[tuple[str, Level]]], digest: str) -> dict[str, Level]:
    found: dict[str, Level] = {}
    frontier = {digest}
    for step in range(_MOST_STEPS):
        if not frontier:
            break
        following = set()
        for new, level in (pair for old in frontier for pair in compared.get(old, ())):
            if level < Level.BREAKING and found.get(new, Level.BREAKING) is Level.BREAKING:
                found[new] = level
                following.add(new)
            elif step == 0:
                found.setdefault(new, level)
        frontier = following
    return found


def _compared_with(
    connection: Connection, digests: Iterable[str]
) -> Iterator[tuple[str, str, Level]]:
    rows = plain_rows(connection, _COMPARED_WITH, {"digests": sorted(digests)})
    return ((old, new, Level(level)) for old, new, level in rows)


_before, _after = tables.contract.alias("before"), tables.contract.alias("after")
_COMPARED_WITH = (
    select(_before.c.digest, _after.c.digest, tables.comparison.c.level)
    .join_from(tables.comparison, _before, tables.comparison.c.old_id == _before.c.id)
    .join(_after, tables.comparison.c.new_id == _after.c.id)
    .where(_before.c.digest.in_(texts("digests")))
)


def _number(connection: Connection, digest: str) -> int | None:
    contract = tables.contract
    found: int | None = connection.execute(
        select(contract.c.id).where(contract.c.digest == digest)
    ).scalar()
    return found
