"""What is known of an owner beside how it is reached: lead, deputies, members, time zone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from ci_steps.dictionary.tables import owner as owner_table
from ci_steps.dictionary.tables import owner_detail, owner_relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.model import Owner

LEAD, DEPUTY, MEMBER, PARENT = "lead", "deputy", "member", "parent"


def record(connection: Connection, owner_id: int, owner: Owner) -> bool:
    """Record what *owner* says about itself, and return whether that changed anything.

    What it leaves empty stays. Lead, deputies and parent replace those that are known; members
    are added, for their lists come from many files and none of them is the whole.
    """
    roles = {LEAD: (owner.lead,), DEPUTY: owner.deputies, PARENT: (owner.parent,)}
    changed = [_put_detail(connection, owner_id, owner)]
    changed += [_put_role(connection, owner_id, role, names) for role, names in roles.items()]
    changed += [_add_members(connection, owner_id, owner.members)]
    return any(changed)


def with_details(
    connection: Connection, owners: Iterable[Owner], name: str = ""
) -> tuple[Owner, ...]:
    """Return *owners*, all or the only one called *name*, with their details."""
    details = {row.name: row for row in connection.execute(_of(_details(), name))}
    relations: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(_of(_relations(), name)):
        relations.setdefault((row.name, row.role), []).append(row.other)

    def known(owner: Owner) -> Owner:
        def named(role: str) -> tuple[str, ...]:
            return tuple(relations.get((owner.name, role), ()))

        detail = details.get(owner.name)
        return replace(
            owner,
            is_person=detail is not None and detail.is_person,
            time_zone=detail.time_zone if detail else "",
            lead="".join(named(LEAD)),
            deputies=named(DEPUTY),
            members=tuple(sorted(named(MEMBER))),  # told by many files, in no order
            parent="".join(named(PARENT)),
        )

    return tuple(map(known, owners))


def _put_detail(connection: Connection, owner_id: int, owner: Owner) -> bool:
    given: dict[str, Any] = {"is_person": True} if owner.is_person else {}
    if owner.time_zone:
        given["time_zone"] = owner.time_zone
    if not given:
        return False
    mine = owner_detail.c.owner_id == owner_id
    row = connection.execute(select(owner_detail).where(mine)).mappings().one_or_none()
    if row is None:
        connection.execute(insert(owner_detail).values(owner_id=owner_id, **given))
    elif any(row[column] != value for column, value in given.items()):
        connection.execute(update(owner_detail).where(mine).values(given))
    else:
        return False
    return True


def _put_role(connection: Connection, owner_id: int, role: str, names: Iterable[str]) -> bool:
    """Make *names*, if there are any, the only ones in a role, in their order."""
    wanted = [_owner_id(connection, name) for name in dict.fromkeys(filter(None, names))]
    if not wanted or wanted == _others(connection, owner_id, role):
        return False
    mine = (owner_relation.c.owner_id == owner_id) & (owner_relation.c.role == role)
    connection.execute(delete(owner_relation).where(mine))
    _insert(connection, owner_id, role, wanted, 0)
    return True


def _add_members(connection: Connection, owner_id: int, names: Iterable[str]) -> bool:
    known = _others(connection, owner_id, MEMBER)
    wanted = [_owner_id(connection, name) for name in dict.fromkeys(names)]
    missing = [other for other in wanted if other not in known]
    _insert(connection, owner_id, MEMBER, missing, len(known))
    return bool(missing)


def _insert(
    connection: Connection, owner_id: int, role: str, others: list[int], first: int
) -> None:
    rows = [
        {"owner_id": owner_id, "role": role, "other_id": other, "position": place}
        for place, other in enumerate(others, first)
    ]
    if rows:
        connection.execute(insert(owner_relation), rows)


def _others(connection: Connection, owner_id: int, role: str) -> list[int]:
    relation = owner_relation.c
    rows = connection.execute(
        select(relation.other_id)
        .where(relation.owner_id == owner_id, relation.role == role)
        .order_by(relation.position)
    )
    return list(rows.scalars())


def _owner_id(connection: Connection, name: str) -> int:
    known = connection.execute(select(owner_table.c.id).where(owner_table.c.name == name)).scalar()
    if known is not None:
        return int(known)
    added = connection.execute(insert(owner_table).values(name=name)).inserted_primary_key
    return int(added[0] if added else 0)


def _details() -> Select[Any]:
    return select(owner_table.c.name, owner_detail.c.is_person, owner_detail.c.time_zone).join_from(
        owner_detail, owner_table
    )


def _relations() -> Select[Any]:
    other = owner_table.alias("other")
    relation = owner_relation.c
    return (
        select(owner_table.c.name, relation.role, other.c.name.label("other"))
        .join_from(owner_relation, owner_table, relation.owner_id == owner_table.c.id)
        .join(other, relation.other_id == other.c.id)
        .order_by(owner_table.c.name, relation.position)
    )


def _of(statement: Select[Any], name: str) -> Select[Any]:
    return statement.where(owner_table.c.name == name) if name else statement
