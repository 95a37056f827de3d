"""What people decided about the end of lines."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Integer, String, Text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "retirement_act",
        Column("id", NUMBER, primary_key=True),
        Column("service_id", NUMBER, ForeignKey("service.id"), nullable=False),
        Column("line", String(63), nullable=False),
        Column("environment_id", NUMBER, ForeignKey("environment.id"), nullable=False),
        Column("kind", String(15), nullable=False),
        Column("retire_on", Date),
        Column("by", Text, nullable=False, server_default=""),
        Column("reason", Text, nullable=False, server_default=""),
        Column("at", DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_retirement_act_service_id_line", "retirement_act", ["service_id", "line"])


def downgrade() -> None:
    op.drop_table("retirement_act")
