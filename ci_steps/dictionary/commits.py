"""Which releases a commit was built into, by as much of it as somebody has written."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary.aliases import Names, aliases
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.stored import read_version
from ci_steps.dictionary.tables import release, service

if TYPE_CHECKING:
    from collections.abc import Collection

    from ci_steps.versions import Version

# As git abbreviates them; what is shorter may mean too many.
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)


def commit_in(text: str) -> str:
    """Return the commit that a text names, ``4e8a91c`` or ``1.0.0+4e8a91c``; else nothing."""
    last = text.rpartition("+")[2]
    return last.lower() if _COMMIT.fullmatch(last) else ""


def built_of(
    connection: Connection, asked: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[Version]]:
    """Return, for services and commits, the versions that were built of these; two statements."""
    if not asked:
        return {}
    names = Names(aliases(connection))
    wanted = names.all_of(names.of(name) for name, _ in asked)
    known: dict[str, list[tuple[str, Version]]] = defaultdict(list)
    for row in connection.execute(_RELEASES, {"services": wanted}):
        if commit := commit_in(row.commit):
            known[names.of(row.name)].append((commit, read_version(row.label, row.scheme)))
    return {
        (name, commit): [
            version
            for other, version in known[names.of(name)]
            if other.startswith(commit) or commit.startswith(other)
        ]
        for name, commit in asked
    }


_RELEASES = (
    select(service.c.name, release.c.label, release.c.scheme, release.c.commit)
    .join_from(release, service)
    .where(service.c.name.in_(texts("services")))
    .order_by(release.c.id)
)
