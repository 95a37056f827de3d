"""The two sides of verifications: known services at versions, which may not be recorded yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary.aliases import Names, aliases
from ci_steps.dictionary.release_rows import find_releases
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.tables import service
from ci_steps.errors import UsageError
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ci_steps.versions import Version

# A service and a version, as somebody has written them.
Named = tuple[str, "Version"]

# To find what was probably meant, a name is compared with all others.
_MOST_SEARCHED = 100


@dataclass(frozen=True)
class Side:
    """A known service at a version, in the spelling of its release if there is one."""

    number: int
    name: str
    version: Version
    is_recorded: bool

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def find_sides(connection: Connection, asked: Collection[Named]) -> dict[Named, Side]:
    """Return the sides of which the service is known; three statements for all of them."""
    names = Names(aliases(connection))
    present = {name: names.of(name) for name, _ in asked}
    called = connection.execute(_NUMBERS, {"services": sorted(set(present.values()))})
    numbers = {row.name: int(row.id) for row in called}
    known = {one: numbers[present[one[0]]] for one in asked if present[one[0]] in numbers}
    found = find_releases(connection, [(number, one[1]) for one, number in known.items()])
    # As their releases spell them: 1.1 and 1.1.0 are one key.
    spelled = {key: key[1] for key in found}
    return {
        (name, version): Side(
            number,
            present[name],
            spelled.get((number, version), version),
            is_recorded=(number, version) in spelled,
        )
        for (name, version), number in known.items()
    }


def unknown(connection: Connection, names: Iterable[str]) -> dict[str, UsageError]:
    """Return why services nobody knows are refused, of the first ones with what was meant."""
    wanted = list(names)
    known = list(connection.execute(select(service.c.name)).scalars()) if wanted else []
    meant = {name: did_you_mean(name, known) for name in wanted[:_MOST_SEARCHED]}
    return {
        name: UsageError(
            f"unknown service {name!r}{meant.get(name, '')}",
            hint="A verification is about services that the dictionary knows.",
        )
        for name in wanted
    }


_NUMBERS = select(service.c.id, service.c.name).where(service.c.name.in_(texts("services")))
