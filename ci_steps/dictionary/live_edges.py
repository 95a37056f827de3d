"""What the search for an impact is asked and answers, and the statements it reads with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, select

from ci_steps.dictionary.given import numbers
from ci_steps.dictionary.tables import (
    deployment,
    environment,
    owner,
    release,
    requirement_set,
    service,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_T = TypeVar("_T")

# A service in an environment, by their numbers.
Place = tuple[int, int]

# Numbers of a deployment, its service and its environment, and the providers it needs of those
# that are wanted.
Row = tuple[int, int, int, list[str]]

# SQLite before 3.32 takes 999 values in a statement.
_AT_ONCE = 400


@dataclass(frozen=True)
class Names:
    """What services are called now, and all they were called before."""

    renamed: Mapping[str, str]
    old: Mapping[str, list[str]]

    def of(self, name: str) -> str:
        """Return what a service is called now."""
        return self.renamed.get(name, name)

    def all_of(self, name: str) -> list[str]:
        """Return the names that requirements may have for a service."""
        return [name, *self.old.get(name, ())]


@dataclass
class Wanted:
    """Providers by environment: all lines of some, and only some lines of others."""

    wholly: dict[int, set[str]] = field(default_factory=dict)
    partly: dict[int, dict[str, set[str]]] = field(default_factory=dict)

    def add(self, names: Iterable[str], place: int, lines: set[str] | None = None) -> None:
        """Add a provider with all its names; without lines all of them are meant."""
        if lines is None:
            self.wholly.setdefault(place, set()).update(names)
        else:
            self.partly.setdefault(place, {}).update(dict.fromkeys(names, lines))

    def names(self) -> set[str]:
        """Return the names in all environments."""
        return set().union(*self.wholly.values(), *self.partly.values())

    def has(self, name: str, place: int, line: str) -> bool:
        """Return whether a line of a provider is wanted there."""
        some = self.partly.get(place, {}).get(name, ())
        return line in some or name in self.wholly.get(place, ())


@dataclass
class Found:
    """Services that were hit, by number: where, and through which provider, nearest first.

    Where is said by the bits of the environments' numbers; `services` has names and owners.
    """

    where: dict[int, int] = field(default_factory=dict)
    through: dict[int, str] = field(default_factory=dict)
    services: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, service: int, places: int, through: str) -> None:
        """Note that a service was hit; what was noted first says through whom."""
        self.where[service] = self.where.get(service, 0) | places
        self.through.setdefault(service, through)


def environments(connection: Connection) -> dict[int, str]:
    """Return the names of all environments by number."""
    rows = connection.execute(select(environment.c.id, environment.c.name))
    return {row.id: row.name for row in rows}


def owned_services() -> Select[Any]:
    """Select number, name and owner of services."""
    statement = select(service.c.id, service.c.name, owner.c.name.label("owner"))
    return statement.join_from(service, owner, isouter=True)


def live_lines() -> Select[Any]:
    """Select number, service, environment and line of what is live."""
    return (
        select(
            deployment.c.id, deployment.c.service_id, deployment.c.environment_id, release.c.line
        )
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        .where(deployment.c.ended_at.is_(None))
    )


def live_sets() -> Select[Any]:
    """Select service and requirement set of what is live in a *place*, from one index."""
    columns = deployment.c
    return select(columns.service_id, columns.requirement_set_id).where(
        columns.ended_at.is_(None),
        columns.environment_id == bindparam("place", type_=columns.environment_id.type),
    )


def sets_beside() -> Select[Any]:
    """Select number, service, environment, line and requirement set of what runs of *services*."""
    statement = live_lines().add_columns(deployment.c.requirement_set_id)
    return statement.where(deployment.c.service_id.in_(numbers("services")))


def lines_by_set() -> Select[Any]:
    """Select requirement *sets* with the lines that are needed."""
    return select(requirement_set.c.id, requirement_set.c.lines).where(
        requirement_set.c.id.in_(numbers("sets"))
    )


def chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield *values* in lists that a statement can take."""
    listed = list(values)
    for at in range(0, len(listed), _AT_ONCE):
        yield listed[at : at + _AT_ONCE]


class Beside:
    """The services that run more than once in an environment, and what of them was hit."""

    def __init__(self) -> None:
        self._lines: dict[Place, dict[int, str]] = {}
        self._hit: dict[Place, set[int]] = {}

    def learn(self, rows: Iterable[Any]) -> None:
        """Take in number, service, environment and line of all that runs of some services."""
        for number, service_id, place, line in rows:
            self._lines.setdefault((service_id, place), {})[number] = line

    def hit(self, number: int, place: Place) -> set[str] | None:
        """Note that a deployment was hit; return the lines that are, or None for all of them."""
        live = self._lines.get(place)
        if live is None or len(live) == 1:
            return None
        hit = self._hit.setdefault(place, set())
        hit.add(number)
        return None if len(hit) == len(live) else {live[one] for one in hit}
