"""What environments ask of a deployment, beyond what holds everywhere."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from ci_steps.dictionary import tables


def set_evidence_required(connection: Connection, environment: str, *, required: bool) -> None:
    """Say whether a requirement counts in a known environment only when it was verified."""
    place, policy = tables.environment, tables.policy
    number = connection.execute(select(place.c.id).where(place.c.name == environment)).scalar_one()
    mine = policy.c.environment_id == number
    if connection.execute(select(policy.c.id).where(mine)).first() is None:
        connection.execute(insert(policy).values(environment_id=number, evidence_required=required))
    else:
        connection.execute(update(policy).where(mine).values(evidence_required=required))


def evidence_required(connection: Connection, environment: str) -> bool:
    """Return whether a requirement counts in an environment only when it was verified."""
    place, policy = tables.environment, tables.policy
    return bool(
        connection.execute(
            select(policy.c.evidence_required)
            .join_from(policy, place)
            .where(place.c.name == environment)
        ).scalar()
    )
