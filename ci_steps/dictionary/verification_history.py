"""What became of pairs of exact versions whenever they were tried together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from ci_steps.dictionary.spellings import spellings
from ci_steps.dictionary.statements.given import rows
from ci_steps.dictionary.stored import is_version
from ci_steps.dictionary.tables import verification

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ci_steps.versions import Version

# A dependent by its number, its version, and the same of a provider.
Key = tuple[int, "Version", int, "Version"]


class Tried(NamedTuple):
    """What became of a pair when it was tried."""

    at: datetime
    passed: bool
    url: str


def earlier_of(connection: Connection, keys: Collection[Key]) -> dict[Key, list[Tried]]:
    """Return what became of pairs before, of each the one that counts first; one statement."""
    places = list(keys)
    wanted = [
        (place, dependent, spelled, provider)
        for place, (dependent, version, provider, _) in enumerate(places)
        for spelled in sorted(spellings(str(version)))
    ]
    found: dict[Key, list[Tried]] = {key: [] for key in places}
    for row in connection.execute(_OF_PAIRS, {"wanted": wanted}) if wanted else ():
        key = places[row.place]
        if is_version(row.dependent_version, key[1]) and is_version(row.provider_version, key[3]):
            found[key].append(Tried(row.at, row.passed, row.url))
    return found


_given = rows("wanted", place=int, dependent=int, version=str, provider=int)
_OF_PAIRS = (
    select(_given.c.place, verification)
    .join_from(
        _given,
        verification,
        (verification.c.dependent_id == _given.c.dependent)
        & (verification.c.dependent_version == _given.c.version)
        & (verification.c.provider_id == _given.c.provider),
    )
    .order_by(verification.c.at.desc(), verification.c.id.desc())
)
