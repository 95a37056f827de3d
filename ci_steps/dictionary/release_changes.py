"""What becomes of a release that is recorded once more, by what its row says so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ci_steps.dictionary import declarations
from ci_steps.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from ci_steps.model import Release


def content(release: Release, requirement_set: int) -> dict[str, Any]:
    """Return what never changes of a final release, as its row has it."""
    return {
        "commit": release.commit,
        "contract_digest": release.contract_digest,
        "requirement_set_id": requirement_set,
    }


def declared(release: Release) -> dict[str, str]:
    """Return what a release says about itself, as its row has it."""
    return {
        "places": declarations.written(release.places),
        "database": declarations.written_change(release.database),
    }


def changes(
    release: Release, requirement_set: int, known: Row[Any], at: datetime
) -> dict[str, Any]:
    """Return what the row of a *known* release says from now on, or nothing if all of it stays.

    RefusedError if it is final, and has another content.
    """
    given = content(release, requirement_set)
    differs = [name for name, value in given.items() if getattr(known, name) != value]
    if known.final and differs:
        raise _already_released(release, known, differs)
    said = {name: _said(release, known, name, text) for name, text in declared(release).items()}
    is_as_known = not differs and all(getattr(known, name) == text for name, text in said.items())
    if is_as_known and (known.final or not release.final):
        return {}
    recorded_at = (release.recorded_at or at) if differs else known.recorded_at
    final = known.final or release.final
    return {**given, **said, "final": final, "recorded_at": recorded_at}


def _said(release: Release, known: Row[Any], name: str, given: str) -> str:
    """Return what it says about itself in a column.

    Of a final release what is known stays, and what nobody had said is added; a candidate of
    another commit begins anew.
    """
    before = str(getattr(known, name))
    if before and known.final:
        return before
    return given or (before if known.commit == release.commit else "")


def _already_released(release: Release, known: Row[Any], differs: Iterable[str]) -> RefusedError:
    what = f"{release.service} {release.version}"
    how = ""
    if "commit" not in differs:
        words = {"contract_digest": "another contract", "requirement_set_id": "other requirements"}
        how = " with " + " and ".join(words[name] for name in differs)
    return RefusedError(
        f"{what} is already released from commit {known.commit}{how}",
        hint="A release never changes: choose the next version.",
    )
