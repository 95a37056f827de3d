"""Writing into the dictionary, inside a transaction that somebody else opened.

What is there already is left alone: every function says what became of what it was given.
"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, bindparam, delete, exists, func, insert, select, update

from ci_steps.dictionary import owner_details, tables
from ci_steps.dictionary.aliases import present_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.model import Evidence, Owner, Service


class Effect(Enum):
    """What became of something that was recorded."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def record_owner(connection: Connection, owner: Owner) -> Effect:
    """Record who owns; what *owner* leaves empty, such as the contacts, stays as it is."""
    given = {"title": owner.title} if owner.title else {}
    effect, owner_id = _put(connection, tables.owner, owner.name, given)
    changed = bool(owner.contacts) and _put_contacts(connection, owner_id, owner)
    changed = owner_details.record(connection, owner_id, owner) or changed
    return Effect.CHANGED if changed and effect is Effect.UNCHANGED else effect


def record_service(connection: Connection, service: Service) -> Effect:
    """Record a service; an empty owner or repository stays as it is known."""
    given: dict[str, Any] = {}
    if service.owner:
        given["owner_id"] = _put(connection, tables.owner, service.owner, {})[1]
    if service.repository:
        given["repository"] = service.repository
    return _put(connection, tables.service, present_name(connection, service.name), given)[0]


def record_environment(connection: Connection, name: str, *, production: bool | None) -> Effect:
    """Record an environment, and whether it is production; None leaves what is known."""
    given = {} if production is None else {"production": production}
    return _put(connection, tables.environment, name, given)[0]


def record_evidence(
    connection: Connection, *evidence: Evidence, known: Mapping[str, int] | None = None
) -> None:
    """Add evidence; what was recorded before is never touched, and the same is not repeated.

    *known* has the numbers of services that were found before.
    """
    numbers = dict(known or {})
    for proof in evidence:
        values = {name: _without_zeros(value) for name, value in asdict(proof).items()}
        name = values.pop("service")
        if name not in numbers:
            numbers[name] = service_id(connection, name)
        _add_evidence(connection, {**values, "service_id": numbers[name]})


def _add_evidence(connection: Connection, values: Mapping[str, Any]) -> None:
    columns = tables.evidence.c
    given = [bindparam(name, value, columns[name].type) for name, value in values.items()]
    same = (columns[name] == value for name, value in zip(values, given, strict=True))
    fresh = select(*given).where(~exists().where(*same))
    connection.execute(insert(tables.evidence).from_select([*values], fresh))


def service_id(connection: Connection, name: str) -> int:
    """Return the number of a service, which is recorded if nobody knows it by any name."""
    number = connection.execute(NUMBER_OF_SERVICE, {"name": name}).scalar()
    if number is not None:
        return int(number)
    added = connection.execute(insert(tables.service).values(name=name))
    return number_of(added.inserted_primary_key)


_called = bindparam("name", type_=tables.service.c.name.type)
# By any name, given as *name*; nothing where nobody knows it.
NUMBER_OF_SERVICE = select(
    func.coalesce(
        select(tables.alias.c.service_id).where(tables.alias.c.name == _called).scalar_subquery(),
        select(tables.service.c.id).where(tables.service.c.name == _called).scalar_subquery(),
    )
)


def environment_id(connection: Connection, name: str, *, production: bool = False) -> int:
    """Return the number of an environment; once production, it stays production."""
    given = {"production": True} if production else {}
    return _put(connection, tables.environment, name, given)[1]


def _put(
    connection: Connection, table: Table, name: str, given: Mapping[str, Any]
) -> tuple[Effect, int]:
    """Make the row called *name* say what is *given*, and return its number."""
    row = connection.execute(select(table).where(table.c.name == name)).mappings().one_or_none()
    if row is None:
        added = connection.execute(insert(table).values(name=name, **given))
        return Effect.ADDED, number_of(added.inserted_primary_key)
    if all(row[column] == value for column, value in given.items()):
        return Effect.UNCHANGED, row["id"]
    connection.execute(update(table).where(table.c.id == row["id"]).values(**given))
    return Effect.CHANGED, row["id"]


def _without_zeros(value: Any) -> Any:
    """Return a value without the one character that PostgreSQL cannot keep."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def number_of(key: Any) -> int:
    """Return the number that the database gave to a new row."""
    return int(key[0])


def _put_contacts(connection: Connection, owner_id: int, owner: Owner) -> bool:
    """Make the contacts of *owner* the only ones; return whether that changed anything."""
    contact = tables.contact
    rows = connection.execute(
        select(contact.c.channel, contact.c.address).where(contact.c.owner_id == owner_id)
    )
    wanted = list(dict.fromkeys((found.channel, found.address) for found in owner.contacts))
    if {(row.channel, row.address) for row in rows} == set(wanted):
        return False
    connection.execute(delete(contact).where(contact.c.owner_id == owner_id))
    connection.execute(
        insert(contact),
        [
            {"owner_id": owner_id, "channel": channel, "address": address}
            for channel, address in wanted
        ],
    )
    return True
