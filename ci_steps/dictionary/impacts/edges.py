"""What the search for an impact is asked and answers, and the statements it reads with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, select

from ci_steps.dictionary.statements.given import numbers
from ci_steps.dictionary.tables import (
    deployment,
    environment,
    owner,
    release,
    requirement_set,
    service,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_T = TypeVar("_T")

# A service in an environment, by their numbers.
Place = tuple[int, int]

# What is hit: a service, in which environments, and through which provider. Environments are
# the bits of a number.
Reached = tuple[str, int, str]

# SQLite before 3.32 takes 999 values in a statement.
_AT_ONCE = 400


@dataclass
class Wanted:
    """Providers by what they are called now: all lines of some, and only some lines of others.

    With each of them the environments in which it is meant, as the bits of a number.
    """

    wholly: dict[str, int] = field(default_factory=dict)
    partly: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, name: str, places: int, lines: Collection[str] | None = None) -> None:
        """Add a provider; without lines all of them are meant."""
        if lines is None:
            self.wholly[name] = self.wholly.get(name, 0) | places
        else:
            some = self.partly.setdefault(name, {})
            some.update({line: some.get(line, 0) | places for line in lines})

    def __bool__(self) -> bool:
        """Return whether anything is wanted."""
        return bool(self.wholly or self.partly)

    def names(self) -> set[str]:
        """Return the providers of which something is wanted."""
        return {*self.wholly, *self.partly}

    def where(self, name: str, line: str) -> int:
        """Return in which environments a line of a provider is wanted."""
        return self.wholly.get(name, 0) | self.partly.get(name, {}).get(line, 0)


@dataclass
class Found:
    """Services that were hit: where, and through which provider, nearest first, then by name."""

    where: dict[str, int] = field(default_factory=dict)
    through: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def take(self, level: Iterable[Reached]) -> None:
        """Note what is hit at the same distance; the first provider by name says through whom."""
        nearest: dict[str, str] = {}
        for name, places, through in level:
            self.where[name] = self.where.get(name, 0) | places
            if name not in self.through:
                nearest[name] = min(through, nearest.get(name, through))
        for name in sorted(nearest):
            self.through[name] = nearest[name]


def environments(connection: Connection) -> dict[int, str]:
    """Return the names of all environments by number."""
    rows = connection.execute(select(environment.c.id, environment.c.name))
    return {row.id: row.name for row in rows}


def owned_services() -> Select[Any]:
    """Select number, name and owner of services."""
    statement = select(service.c.id, service.c.name, owner.c.name.label("owner"))
    return statement.join_from(service, owner, isouter=True)


def live_lines(place: int = 0) -> Select[Any]:
    """Select number, service, environment and line of what is live, everywhere or in a *place*."""
    return (
        select(
            deployment.c.id, deployment.c.service_id, deployment.c.environment_id, release.c.line
        )
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        .where(*_is_live(place))
    )


def live_sets(place: int = 0) -> Select[Any]:
    """Select who runs with which requirement set, and in which environments.

    Number, name and owner of the service, numbers of the environments as "1 2", one for each
    deployment, and the set's providers and lines. With the number of a *place* only what runs
    there.
    """
    live, needed = deployment.c, requirement_set.c
    where = func.aggregate_strings(cast(live.environment_id, Text), " ").label("places")
    statement = select(live.service_id, live.requirement_set_id, where).where(*_is_live(place))
    running = statement.group_by(live.requirement_set_id, live.service_id).subquery()
    return (
        owned_services()
        .add_columns(running.c.places, needed.providers, needed.lines)
        .join(running, service.c.id == running.c.service_id)
        .join(requirement_set, needed.id == running.c.requirement_set_id)
    )


def live_beside(place: int = 0) -> Select[Any]:
    """Select every deployment of *services*, with the line that it is of.

    Its number, service, environment and line, the name of the service, and the providers and
    lines that are needed.
    """
    needed = requirement_set.c
    # Outer joins, though nothing is missing: so the services are found first by what runs.
    return (
        live_lines(place)
        .add_columns(service.c.name, needed.providers, needed.lines.label("needed_lines"))
        .outerjoin(service, service.c.id == deployment.c.service_id)
        .outerjoin(requirement_set, needed.id == deployment.c.requirement_set_id)
        .where(deployment.c.service_id.in_(numbers("services")))
    )


def _is_live(place: int) -> Iterator[ColumnElement[bool]]:
    yield deployment.c.ended_at.is_(None)
    if place:
        yield deployment.c.environment_id == place


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
