"""What will end beside lines: operations, fields, events."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Integer, String, Text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan_act",
        Column("id", NUMBER, primary_key=True),
        Column("service_id", NUMBER, ForeignKey("service.id"), nullable=False),
        Column("about", String(15), nullable=False),
        Column("subject", Text, nullable=False),
        Column("kind", String(15), nullable=False),
        Column("deprecated_on", Date),
        Column("retire_on", Date),
        Column("instead", Text, nullable=False, server_default=""),
        Column("migration", Text, nullable=False, server_default=""),
        Column("by", Text, nullable=False, server_default=""),
        Column("reason", Text, nullable=False, server_default=""),
        Column("at", DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_plan_act_service_id", "plan_act", ["service_id"])


def downgrade() -> None:
    op.drop_table("plan_act")
