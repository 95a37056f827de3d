"""Recording owners, inside a transaction that somebody else opened."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from ci_steps.dictionary import owner_details, tables
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.named_rows import NamedRows
from ci_steps.dictionary.statements.given import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.model import Owner


def record_owners(connection: Connection, owners: Sequence[Owner]) -> list[Effect]:
    """Record owners, each once; what one leaves empty, such as the contacts, stays as it is.

    Whom they name is recorded as well. Cost: at most twelve statements, however many there are.
    """
    named = [name for one in owners for name in owner_details.named_by(one)]
    rows = NamedRows(connection, tables.owner, [*named, *(one.name for one in owners)], title="")
    effects = [rows.put(one.name, {"title": one.title} if one.title else {}) for one in owners]
    for name in named:
        rows.put(name, {})
    known = rows.write()
    by_number = {known[one.name]: one for one in owners}
    changed = _put_contacts(connection, by_number)
    changed |= owner_details.record(connection, by_number, known)
    return [
        Effect.CHANGED if effect is Effect.UNCHANGED and number in changed else effect
        for effect, number in zip(effects, by_number, strict=True)
    ]


def record_owner(connection: Connection, owner: Owner) -> Effect:
    """Record an owner as `record_owners` does."""
    return record_owners(connection, [owner])[0]


def _put_contacts(connection: Connection, owners: Mapping[int, Owner]) -> set[int]:
    """Make the contacts of owners that have any the only ones; return where that is a change."""
    contact = tables.contact
    wanted = {
        number: list(dict.fromkeys((one.channel, one.address) for one in owner.contacts))
        for number, owner in owners.items()
        if owner.contacts
    }
    if not wanted:
        return set()
    known: dict[int, set[tuple[str, str]]] = defaultdict(set)
    mine = contact.c.owner_id.in_(numbers("owners"))
    for row in connection.execute(select(contact).where(mine), {"owners": list(wanted)}):
        known[row.owner_id].add((row.channel, row.address))
    changed = {number for number, contacts in wanted.items() if set(contacts) != known[number]}
    if changed:
        connection.execute(delete(contact).where(mine), {"owners": sorted(changed)})
        connection.execute(
            insert(contact),
            [
                {"owner_id": number, "channel": channel, "address": address}
                for number in sorted(changed)
                for channel, address in wanted[number]
            ],
        )
    return changed
