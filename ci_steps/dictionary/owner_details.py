"""What is known of an owner beside how it is reached: lead, deputies, members, time zone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from ci_steps.dictionary.statements.given import numbers
from ci_steps.dictionary.tables import owner as owner_table
from ci_steps.dictionary.tables import owner_detail, owner_relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ci_steps.model import Owner

LEAD, DEPUTY, MEMBER, PARENT = "lead", "deputy", "member", "parent"


def named_by(owner: Owner) -> Iterator[str]:
    """Yield the owners that *owner* names."""
    yield from filter(None, (owner.lead, *owner.deputies, owner.parent, *owner.members))


def record(
    connection: Connection, owners: Mapping[int, Owner], known: Mapping[str, int]
) -> set[int]:
    """Record what owners, by their numbers, say about themselves; return where that is a change.

    What one leaves empty stays. Lead, deputies and parent replace those that are known; members
    are added, for their lists come from many files and none of them is the whole. *known* has
    the number of everybody who is named.
    """
    return _put_details(connection, owners) | _put_relations(connection, owners, known)


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


def _put_details(connection: Connection, owners: Mapping[int, Owner]) -> set[int]:
    given = {number: said for number, owner in owners.items() if (said := _said(owner))}
    if not given:
        return set()
    detail = owner_detail.c
    asked = select(owner_detail).where(detail.owner_id.in_(numbers("owners")))
    rows = connection.execute(asked, {"owners": list(given)}).mappings()
    before = {row["owner_id"]: {key: row[key] for key in _BLANK} for row in rows}
    after = {number: {**before.get(number, _BLANK), **said} for number, said in given.items()}
    changed = {number for number in given if after[number] != before.get(number)}
    added = [{"owner_id": number, **after[number]} for number in sorted(changed - {*before})]
    if added:
        connection.execute(insert(owner_detail), added)
    others = [{"number": number, **after[number]} for number in sorted(changed & {*before})]
    if others:
        of_owner = detail.owner_id == bindparam("number")
        connection.execute(update(owner_detail).where(of_owner), others)
    return changed


_BLANK: dict[str, Any] = {"is_person": False, "time_zone": ""}


def _said(owner: Owner) -> dict[str, Any]:
    said = {"is_person": owner.is_person, "time_zone": owner.time_zone}
    return {key: value for key, value in said.items() if value}


def _put_relations(
    connection: Connection, owners: Mapping[int, Owner], known: Mapping[str, int]
) -> set[int]:
    """Make those who are named in a role, if there are any, the only ones, in their order."""
    before = _others(connection, [number for number, one in owners.items() if any(named_by(one))])
    wanted: dict[tuple[int, str], list[int]] = {}
    for number, owner in owners.items():
        for role, names in _roles(owner).items():
            others = list(dict.fromkeys(known[name] for name in names if name))
            if role == MEMBER:
                others = list(dict.fromkeys([*before[number, role], *others]))
            if others and others != before[number, role]:
                wanted[number, role] = others
    if wanted:
        connection.execute(
            delete(owner_relation).where(
                owner_relation.c.owner_id == bindparam("number"),
                owner_relation.c.role == bindparam("in_role"),
            ),
            [{"number": number, "in_role": role} for number, role in wanted],
        )
        connection.execute(
            insert(owner_relation),
            [
                {"owner_id": number, "role": role, "other_id": other, "position": place}
                for (number, role), others in wanted.items()
                for place, other in enumerate(others)
            ],
        )
    return {number for number, _ in wanted}


def _roles(owner: Owner) -> dict[str, Sequence[str]]:
    return {
        LEAD: (owner.lead,),
        DEPUTY: owner.deputies,
        PARENT: (owner.parent,),
        MEMBER: owner.members,
    }


def _others(connection: Connection, owners: Sequence[int]) -> dict[tuple[int, str], list[int]]:
    """Return who is named by owners in a role, in their order."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    if owners:
        relation = owner_relation.c
        rows = connection.execute(
            select(owner_relation)
            .where(relation.owner_id.in_(numbers("owners")))
            .order_by(relation.position),
            {"owners": owners},
        )
        for row in rows:
            found[row.owner_id, row.role].append(row.other_id)
    return found


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
