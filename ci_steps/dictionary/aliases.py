"""Services that were renamed: requirements on what one was called before still mean it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ci_steps.dictionary import tables
from ci_steps.dictionary.tables import alias, deployment, service
from ci_steps.errors import RefusedError, UsageError
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Names:
    """What services were called before; an old name means the service."""

    current: Mapping[str, str]

    def of(self, name: str) -> str:
        """Return what a service is called now."""
        if name not in self.current:
            return name
        seen = {name}
        while (following := self.current.get(name, name)) not in seen:
            seen.add(name := following)
        return name

    def all_of(self, names: Iterable[str]) -> list[str]:
        """Return services with all their old names."""
        found = following = set(names)
        while following := {old for name in following for old in self._old.get(name, ())} - found:
            found |= following
        return sorted(found)

    @cached_property
    def _old(self) -> Mapping[str, Sequence[str]]:
        """What each name took the place of."""
        found: dict[str, list[str]] = defaultdict(list)
        for old, now in self.current.items():
            found[now].append(old)
        return found


def aliases(connection: Connection) -> Mapping[str, str]:
    """Return what services were called before, each with what it is called now."""
    statement = select(alias.c.name, service.c.name.label("now")).join_from(alias, service)
    return {row.name: row.now for row in connection.execute(statement)}


def names_of(connection: Connection, name: str) -> tuple[str, ...]:
    """Return all names of a service, the present one first; one nobody knows has only this."""
    rows = connection.execute(_NAMES, {"called": name}).all()
    if not rows:
        return (name,)
    return (rows[0].name, *(row.old for row in rows if row.old is not None))


_called = bindparam("called", type_=service.c.name.type)
_same = service.alias()  # or it would be taken for the one that is asked
# Built once: every question about a service begins with it.
_NAMES = (
    select(service.c.name, alias.c.name.label("old"))
    .join_from(service, alias, alias.c.service_id == service.c.id, isouter=True)
    .where(
        service.c.id
        == func.coalesce(
            select(alias.c.service_id).where(alias.c.name == _called).scalar_subquery(),
            select(_same.c.id).where(_same.c.name == _called).scalar_subquery(),
        )
    )
    .order_by(alias.c.name)
)


def present_name(connection: Connection, name: str) -> str:
    """Return what a service is called now; a name that is no alias is itself."""
    found = connection.execute(
        select(service.c.name).join_from(alias, service).where(alias.c.name == name)
    ).scalar()
    return name if found is None else str(found)


def record_alias(connection: Connection, old: str, new: str) -> None:
    """Record that the service that was called *old* is called *new*.

    A service known as *old* only is renamed with its whole history. Where both are known,
    *old* must not run any more. RefusedError if it does, UsageError if nobody knows *new*.
    """
    if old == new:
        raise UsageError(f"{old!r} is an alias of itself", hint="Name what it was called before.")
    before = _id_of(connection, old)
    target = _id_of(connection, present_name(connection, new))
    if target is None:
        if before is None:
            raise _unknown(connection, new)
        _rename(connection, before, new)
        target = before
    elif target == before:  # renamed back: what was the alias is the name again
        connection.execute(delete(alias).where(alias.c.name == new))
        _rename(connection, target, new)
    elif before is not None:
        _check_is_over(connection, old, before)
    _put(connection, old, target)


def _rename(connection: Connection, number: int, name: str) -> None:
    connection.execute(update(service).where(service.c.id == number).values(name=name))


def _put(connection: Connection, name: str, number: int) -> None:
    connection.execute(delete(alias).where(alias.c.name == name))
    connection.execute(insert(alias).values(name=name, service_id=number))


def _id_of(connection: Connection, name: str) -> int | None:
    number = connection.execute(select(service.c.id).where(service.c.name == name)).scalar()
    return None if number is None else int(number)


def _check_is_over(connection: Connection, name: str, number: int) -> None:
    place = tables.environment
    where = connection.execute(
        select(place.c.name)
        .join_from(deployment, place)
        .where(deployment.c.service_id == number, deployment.c.ended_at.is_(None))
        .order_by(place.c.name)
    ).scalar()
    if where is not None:
        raise RefusedError(
            f"{name} still runs in {where}, beside the service it is said to be called now",
            hint="Stop it there first: until then its name means itself.",
        )


def _unknown(connection: Connection, name: str) -> UsageError:
    known = connection.execute(select(service.c.name)).scalars()
    return UsageError(
        f"unknown service {name!r}{did_you_mean(name, known)}",
        hint="The second name is the present one: record or load that service first.",
    )
