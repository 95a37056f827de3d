"""Where a verdict is about, and which services have a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, select, true

from ci_steps.dictionary.aliases import Names, names_of
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.statements.plain import plain_rows
from ci_steps.dictionary.tables import alias, environment, policy, service

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Where:
    """An environment by its number, 0 if nobody knows it, whether it asks for evidence, names."""

    number: int
    evidence_required: bool
    names: Names


def read_where(connection: Connection, environment_name: str) -> Where:
    """Return an environment, and what all services were called before."""
    rows = plain_rows(connection, _WHERE, {"environment": environment_name})
    if not rows:
        return Where(0, evidence_required=False, names=Names({}))
    number, evidence_required, _, _ = rows[0]
    names = {old: now for _, _, old, now in rows if old is not None}
    return Where(number, bool(evidence_required), Names(names))


def read_numbers(connection: Connection, name: str) -> Mapping[str, list[int]]:
    """Return, by *name*, the numbers of the services with any of its names."""
    named = {"names": names_of(connection, name)}
    ids = select(service.c.id).where(service.c.name.in_(texts("names")))
    return {name: list(connection.execute(ids, named).scalars())}


# Looked up one by one: joined, a server would rather read all services.
_now = select(service.c.name).where(service.c.id == alias.c.service_id).scalar_subquery()
_WHERE = (
    select(environment.c.id, policy.c.evidence_required, alias.c.name, _now)
    .join_from(environment, policy, isouter=True)
    .outerjoin(alias, true())
    .where(environment.c.name == bindparam("environment"))
)
