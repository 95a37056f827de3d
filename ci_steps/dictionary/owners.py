"""Services that nobody can be told about: no owner, or one without a contact."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, exists, or_, select

from ci_steps.dictionary.tables import contact, deployment, environment, owner, service

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT_ONCE = 400


@dataclass(frozen=True)
class Unowned:
    """A service whose owner cannot be reached, and where it runs all the same."""

    service: str
    owner: str = ""
    environments: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Return what is missing, in a few words."""
        return f"{self.owner} has no contact" if self.owner else "nobody owns it"


def unowned(connection: Connection, among: Iterable[str] | None = None) -> tuple[Unowned, ...]:
    """Return the services whose owner cannot be reached, by name; two statements.

    With *among*, only of these; thousands of them cost a few statements more.
    """
    names = None if among is None else sorted(set(among))
    chunks = (
        [None]
        if names is None
        else [names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE)]
    )
    return tuple(one for chunk in chunks for one in _unowned(connection, chunk))


def _unowned(connection: Connection, names: list[str] | None) -> list[Unowned]:
    is_reached = exists(select(contact.c.id).where(contact.c.owner_id == owner.c.id))
    silent = select(owner.c.id).where(~is_reached)
    statement = (
        select(service.c.id, service.c.name, owner.c.name.label("owner"))
        .join_from(service, owner, isouter=True)
        .where(or_(service.c.owner_id.is_(None), service.c.owner_id.in_(silent)))
        .order_by(service.c.name)
    )
    if names is not None:
        statement = statement.where(service.c.name.in_(names))
    rows = connection.execute(statement).all()
    places = _environments(connection, [row.id for row in rows])
    return [Unowned(row.name, row.owner or "", tuple(places[row.id])) for row in rows]


def _environments(connection: Connection, services: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for at in range(0, len(services), _AT_ONCE):
        rows = connection.execute(
            select(deployment.c.service_id, environment.c.name)
            .join_from(deployment, environment)
            .where(
                deployment.c.service_id.in_(services[at : at + _AT_ONCE]),
                deployment.c.ended_at.is_(None),
            )
            .distinct()
            .order_by(environment.c.name)
        )
        for row in rows:
            found[row.service_id].append(row.name)
    return found
