"""How far an obligation has come, what was said about it, and the terms of its release."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.add_column("event", Column("terms", Text, nullable=False, server_default=""))
    op.add_column("event", Column("closed", String(15), nullable=False, server_default=""))
    op.add_column("obligation", Column("stage", String(31), nullable=False, server_default=""))
    op.add_column("obligation", Column("escalated", String(15), nullable=False, server_default=""))
    op.add_column("obligation", Column("ended", String(15), nullable=False, server_default=""))
    op.add_column("obligation", Column("since", DateTime(timezone=True)))
    op.add_column("obligation", Column("seen_at", DateTime(timezone=True)))
    op.create_table(
        "acknowledgement",
        Column("id", NUMBER, primary_key=True),
        Column("obligation_id", NUMBER, ForeignKey("obligation.id"), nullable=False),
        Column("until", Date, nullable=False),
        Column("reason", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("on_behalf_of", Text, nullable=False, server_default=""),
        Column("source", String(15), nullable=False, server_default=""),
        Column("at", DateTime(timezone=True), nullable=False),
        Index("ix_acknowledgement_obligation_id", "obligation_id"),
    )


def downgrade() -> None:
    op.drop_table("acknowledgement")
    for column in ("seen_at", "since", "ended", "escalated", "stage"):
        op.drop_column("obligation", column)
    for column in ("closed", "terms"):
        op.drop_column("event", column)
