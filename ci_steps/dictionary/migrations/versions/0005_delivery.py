"""What sending needs: what can be found and changed, pauses, a heartbeat."""

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

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UTC = DateTime(timezone=True)
NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "posted",
        _id(),
        Column("outbox_id", NUMBER, ForeignKey("outbox.id"), nullable=False),
        Column("permalink", Text, nullable=False, server_default=""),
        Column("editable", Boolean, nullable=False, server_default=text("false")),
        UniqueConstraint("outbox_id"),
    )
    op.create_table(
        "pause",
        _id(),
        Column("channel", String(63), nullable=False),
        Column("workspace", Text, nullable=False),
        Column("reason", String(15), nullable=False),
        Column("since", UTC, nullable=False),
        Column("until", UTC),
        Column("text", Text, nullable=False, server_default=""),
        UniqueConstraint("channel", "workspace", "reason"),
    )
    op.create_table(
        "heartbeat",
        _id(),
        Column("name", String(31), nullable=False, unique=True),
        Column("first_at", UTC, nullable=False),
        Column("at", UTC, nullable=False),
        Column("by", Text, nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_table("heartbeat")
    op.drop_table("pause")
    op.drop_table("posted")
