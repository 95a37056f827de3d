"""What verdicts need: live requirements, observations, verifications, waivers, aliases."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UTC = DateTime(timezone=True)
NUMBER = BigInteger().with_variant(Integer, "sqlite")

_LIVE = """
INSERT INTO live_requirement
    (deployment_id, environment_id, dependent_id, provider, line, written)
SELECT deployment.id, deployment.environment_id, deployment.service_id,
    requirement.provider, requirement.line, requirement.written
FROM deployment
JOIN release ON release.id = deployment.release_id
JOIN requirement ON requirement.requirement_set_id = release.requirement_set_id
WHERE deployment.ended_at IS NULL
"""

_NEW = (
    "policy",
    "alias",
    "live_requirement",
    "observation",
    "verification",
    "waiver",
    "retired_line",
)


def _id() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def _to(table: str, name: str = "") -> Column[int]:
    return Column(f"{name or table}_id", NUMBER, ForeignKey(f"{table}.id"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "policy",
        _id(),
        _to("environment"),
        Column("evidence_required", Boolean, nullable=False, server_default=text("false")),
        UniqueConstraint("environment_id"),
    )
    op.create_table(
        "alias",
        _id(),
        _to("service"),
        Column("name", String(63), nullable=False, unique=True),
    )
    op.create_table(
        "live_requirement",
        _id(),
        _to("deployment"),
        _to("environment"),
        _to("service", "dependent"),
        Column("provider", String(63), nullable=False),
        Column("line", String(63), nullable=False),
        Column("written", String(127), nullable=False),
        UniqueConstraint("deployment_id", "provider"),
    )
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
        UniqueConstraint("service_id", "environment_id", "address"),
    )
    op.create_table(
        "verification",
        _id(),
        _to("service", "dependent"),
        Column("dependent_version", String(63), nullable=False),
        _to("service", "provider"),
        Column("provider_version", String(63), nullable=False),
        Column("passed", Boolean, nullable=False),
        Column("url", Text, nullable=False, server_default=""),
        Column("at", UTC, nullable=False),
    )
    op.create_table(
        "waiver",
        _id(),
        _to("service"),
        Column("other", String(63), nullable=False),
        _to("environment"),
        Column("until", Date, nullable=False),
        Column("reason", Text, nullable=False),
        Column("by", Text, nullable=False, server_default=""),
        Column("at", UTC, nullable=False),
    )
    op.create_table(
        "retired_line",
        _id(),
        _to("service"),
        Column("line", String(63), nullable=False),
        Column("reason", Text, nullable=False, server_default=""),
        Column("by", Text, nullable=False, server_default=""),
        Column("at", UTC, nullable=False),
        UniqueConstraint("service_id", "line"),
    )
    op.create_index("ix_alias_service_id", "alias", ["service_id"])
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
    op.create_index(
        "ix_verification_dependent_id_provider_id_dependent_version",
        "verification",
        ["dependent_id", "provider_id", "dependent_version"],
    )
    op.create_index(
        "ix_verification_provider_id_provider_version",
        "verification",
        ["provider_id", "provider_version"],
    )
    op.create_index(
        "ix_waiver_service_id_environment_id", "waiver", ["service_id", "environment_id"]
    )
    op.execute(_LIVE)


def downgrade() -> None:
    for table in reversed(_NEW):
        op.drop_table(table)
