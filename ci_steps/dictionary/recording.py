"""Writing into the dictionary, inside a transaction that somebody else opened.

What is there already is left alone: every function says what became of what it was given.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.aliases import Names, aliases
from ci_steps.dictionary.named_rows import NamedRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ci_steps.dictionary.effects import Effect
    from ci_steps.model import Evidence, Service


def record_services(connection: Connection, services: Sequence[Service]) -> list[Effect]:
    """Record services; an empty owner or repository stays as it is known.

    Cost: at most eight statements, however many there are.
    """
    owners = NamedRows(connection, tables.owner, _filled(one.owner for one in services), title="")
    for one in services:
        if one.owner:
            owners.put(one.owner, {})
    numbers = owners.write()
    names = Names(aliases(connection))
    present = [names.of(one.name) for one in services]
    rows = NamedRows(connection, tables.service, present, owner_id=None, repository="")
    effects = [
        rows.put(
            name,
            {
                **({"owner_id": numbers[one.owner]} if one.owner else {}),
                **({"repository": one.repository} if one.repository else {}),
            },
        )
        for name, one in zip(present, services, strict=True)
    ]
    rows.write()
    return effects


def record_service(connection: Connection, service: Service) -> Effect:
    """Record a service as `record_services` does."""
    return record_services(connection, [service])[0]


def record_environment(connection: Connection, name: str, *, production: bool | None) -> Effect:
    """Record an environment, and whether it is production; None leaves what is known."""
    return put_environments(connection, {name: production})[name][0]


def put_environments(
    connection: Connection, environments: Mapping[str, bool | None]
) -> dict[str, tuple[Effect, int]]:
    """Record environments as `record_environment` does; return what became of them, and numbers."""
    rows = NamedRows(connection, tables.environment, environments, production=False)
    effects = {
        name: rows.put(name, {} if production is None else {"production": production})
        for name, production in environments.items()
    }
    numbers = rows.write()
    return {name: (effect, numbers[name]) for name, effect in effects.items()}


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
    return put_environments(connection, {name: True if production else None})[name][1]


def _filled(texts: Iterable[str]) -> Iterator[str]:
    return filter(None, texts)


def _without_zeros(value: Any) -> Any:
    """Return a value without the one character that PostgreSQL cannot keep."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def number_of(key: Any) -> int:
    """Return the number that the database gave to a new row."""
    return int(key[0])
