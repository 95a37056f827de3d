"""What is live needs no look at its release, and an answer says if it is the recorded one."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UTC = DateTime(timezone=True)
NUMBER = BigInteger().with_variant(Integer, "sqlite")

# Both tables are made anew, so that the columns of a database stand in one order however old
# it is. What is live is read from its releases; of an answer it is not known yet.
_LIVE = """
INSERT INTO live_requirement
    (deployment_id, environment_id, dependent_id, {more} provider, line, written)
SELECT deployment.id, deployment.environment_id, deployment.service_id, {from_release}
    requirement.provider, requirement.line, requirement.written
FROM deployment
JOIN release ON release.id = deployment.release_id
JOIN requirement ON requirement.requirement_set_id = release.requirement_set_id
WHERE deployment.ended_at IS NULL
ORDER BY deployment.id, requirement.id
"""
_KEEP = """
CREATE TEMPORARY TABLE kept AS
SELECT id, service_id, environment_id, address, version, scheme, problem, at FROM observation
"""
_PUT_BACK = """
INSERT INTO observation (service_id, environment_id, address, version, scheme, problem, at)
SELECT service_id, environment_id, address, version, scheme, problem, at FROM kept ORDER BY id
"""


def _id() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def _to(table: str, name: str = "") -> Column[int]:
    return Column(f"{name or table}_id", NUMBER, ForeignKey(f"{table}.id"), nullable=False)


def upgrade() -> None:
    op.drop_table("live_requirement")
    _create_live_requirement(
        Column("slot", String(63), nullable=False),
        Column("version", String(63), nullable=False),
        Column("scheme", String(15), nullable=False),
    )
    op.execute(
        _LIVE.format(
            more="slot, version, scheme,",
            from_release="deployment.slot, release.label, release.scheme,",
        )
    )
    _recreate_observation(Column("differs", Boolean, nullable=False, server_default=text("true")))
    op.execute("UPDATE observation SET differs = version <> ''")
    op.create_index(
        "ix_observation_differing",
        "observation",
        ["environment_id"],
        sqlite_where=text("differs"),
        postgresql_where=text("differs"),
    )


def downgrade() -> None:
    op.drop_table("live_requirement")
    _create_live_requirement()
    op.execute(_LIVE.format(more="", from_release=""))
    _recreate_observation()


def _create_live_requirement(*more: Column[str]) -> None:
    op.create_table(
        "live_requirement",
        _id(),
        _to("deployment"),
        _to("environment"),
        _to("service", "dependent"),
        *more,
        Column("provider", String(63), nullable=False),
        Column("line", String(63), nullable=False),
        Column("written", String(127), nullable=False),
        UniqueConstraint("deployment_id", "provider"),
    )
    op.create_index(
        "ix_live_requirement_provider_environment_id_line",
        "live_requirement",
        ["provider", "environment_id", "line"],
    )
    op.create_index(
        "ix_live_requirement_dependent_id_environment_id",
        "live_requirement",
        ["dependent_id", "environment_id"],
    )


def _recreate_observation(*more: Column[bool]) -> None:
    op.execute(_KEEP)
    op.drop_table("observation")
    op.create_table(
        "observation",
        _id(),
        _to("service"),
        _to("environment"),
        Column("address", Text, nullable=False),
        Column("version", String(63), nullable=False, server_default=""),
        Column("scheme", String(15), nullable=False, server_default=""),
        Column("problem", Text, nullable=False, server_default=""),
        Column("at", UTC, nullable=False),
        *more,
        UniqueConstraint("service_id", "environment_id", "address"),
    )
    op.execute(_PUT_BACK)
    op.execute("DROP TABLE kept")
