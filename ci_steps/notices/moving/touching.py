"""What a release is to those who say what they use: what breaks for them, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Level
from ci_steps.dictionary import questions
from ci_steps.dictionary.contracts.kept import latest_to
from ci_steps.dictionary.contracts.narrowings import kept_narrowed
from ci_steps.dictionary.contracts.uses import kept_uses, live_uses
from ci_steps.protocols import Broken, Touched
from ci_steps.uses.used_at import used_at
from ci_steps.uses.values import Uses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ci_steps.comparisons.changes import Change
    from ci_steps.uses.narrowed import Narrowed


def touched_by(
    connection: Connection, provider: str, contract: str, environment: str
) -> dict[str, Touched]:
    """Return what the *contract* of a release, by its digest, is to live dependents, by name.

    Whoever has a live version that does not say what it uses, or says what the contract does
    not have, is left out: what breaks for them is not known.
    """
    compared = latest_to(connection, contract) if contract else None
    if compared is None:
        return {}
    used = live_uses(connection, provider, environment)
    kept = kept_narrowed(connection, compared.old, compared.new, used.values())
    said = kept_uses(connection, used.values())
    by_dependent: dict[str, list[tuple[Narrowed | None, Uses]]] = {}
    for one in questions.dependents(connection, provider, environment_name=environment):
        digest = used.get((one.service, str(one.version), environment), "")
        found = kept.get(digest), said.get(digest, Uses())
        by_dependent.setdefault(one.service, []).append(found)
    return {
        name: _touched(compared.changes, known)
        for name, found in by_dependent.items()
        if (known := _known(found))
    }


def _known(found: Sequence[tuple[Narrowed | None, Uses]]) -> list[tuple[Narrowed, Uses]]:
    known = [(one, uses) for one, uses in found if one is not None and not one.doubts]
    return known if len(known) == len(found) else []


def _touched(changes: Sequence[Change], by_version: Sequence[tuple[Narrowed, Uses]]) -> Touched:
    """Return what breaks any of the versions of a dependent that are live."""
    touching: dict[Change, Uses] = {}
    for narrowed, uses in by_version:
        for change in narrowed.touching:
            touching[change] = touching.get(change, Uses()) + uses
    noticed = [one for one in changes if one.level > Level.COMPATIBLE]
    breaks = tuple(Broken(one, used_at(one, touching[one])) for one in noticed if one in touching)
    return Touched(breaks, untouched=len(noticed) - len(breaks))
