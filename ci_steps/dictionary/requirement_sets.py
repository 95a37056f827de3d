"""What releases require: sets that are kept once, however many releases share them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.statements.given import texts
from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_steps.model import Release
    from ci_steps.versions import Requirement


def required(release: Release) -> tuple[Requirement, ...]:
    """Return what a release requires; UsageError if that is two versions of one service."""
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


def digest_of(requirements: Iterable[Requirement]) -> str:
    """Return what is equal for sets with the same requirements."""
    written = "\n".join(sorted(requirement.written for requirement in requirements))
    return hashlib.sha256(written.encode()).hexdigest()


def as_texts(requirements: Iterable[Requirement]) -> dict[str, str]:
    """Return what a set needs as its row has it: providers and, in the same order, lines."""
    needed = sorted((one.provider, one.line) for one in requirements)
    return {
        "providers": " ".join(provider for provider, _ in needed),
        "lines": " ".join(line for _, line in needed),
    }


def add_sets(
    connection: Connection, sets: Mapping[str, Iterable[Requirement]]
) -> Mapping[str, int]:
    """Add sets that nobody knows, by their digests, and return their numbers."""
    if not sets:
        return {}
    table = tables.requirement_set
    connection.execute(
        insert(table), [{"digest": digest, **as_texts(one)} for digest, one in sets.items()]
    )
    found = select(table.c.digest, table.c.id).where(table.c.digest.in_(texts("digests")))
    numbers = {row.digest: row.id for row in connection.execute(found, {"digests": list(sets)})}
    rows = [
        {
            "requirement_set_id": numbers[digest],
            "provider": requirement.provider,
            "line": requirement.line,
            "written": requirement.written,
        }
        for digest, requirements in sets.items()
        for requirement in requirements
    ]
    if rows:
        connection.execute(insert(tables.requirement), rows)
    return numbers
