"""The services that nobody can be told about, as every answer about services shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.cli.dictionary.cells import owned_by
from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.dictionary.owners import Unowned
    from ci_steps.dictionary.store import Dictionary


def unreachable(dictionary: Dictionary, among: Iterable[str] | None = None) -> Table:
    """Return the services, all or *among* some, without an owner whom a notice can reach."""
    from ci_steps.dictionary.owners import unowned

    with dictionary.reading() as connection:
        return unreachable_table(unowned(connection, among))


def unreachable_table(found: Iterable[Unowned]) -> Table:
    """Return a line for each service, with what is missing."""
    rows = tuple((one.service, owned_by(one.owner), one.why) for one in found)
    return Table(("service", "owner", "why"), rows, "Unreachable")
