"""Who leads an owner, who stands in for it, who belongs to it, and in which time zone it works."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    text,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def _to(table: str, name: str = "") -> Column[int]:
    return Column(f"{name or table}_id", NUMBER, ForeignKey(f"{table}.id"), nullable=False)


# Tables of their own: SQLite would remember a column that was added in another place.
def upgrade() -> None:
    op.create_table(
        "owner_detail",
        _id(),
        _to("owner"),
        Column("is_person", Boolean, nullable=False, server_default=text("false")),
        Column("time_zone", String(63), nullable=False, server_default=""),
        UniqueConstraint("owner_id"),
    )
    op.create_table(
        "owner_relation",
        _id(),
        _to("owner"),
        Column("role", String(15), nullable=False),
        _to("owner", "other"),
        Column("position", Integer, nullable=False),
        UniqueConstraint("owner_id", "role", "other_id"),
    )


def downgrade() -> None:
    op.drop_table("owner_relation")
    op.drop_table("owner_detail")
