"""What releases use of their providers, and which changes of contracts touch that."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "uses",
        _id(),
        Column("digest", String(64), nullable=False, unique=True),
        Column("content", LargeBinary, nullable=False),
    )
    op.create_table(
        "release_uses",
        _id(),
        Column("release_id", NUMBER, ForeignKey("release.id"), nullable=False),
        Column("provider", String(63), nullable=False),
        Column("digest", String(64), nullable=False),
        UniqueConstraint("release_id", "provider"),
    )
    op.create_table(
        "narrowing",
        _id(),
        Column("comparison_id", NUMBER, ForeignKey("comparison.id"), nullable=False),
        Column("uses_digest", String(64), nullable=False),
        Column("level", Integer, nullable=False),
        Column("content", LargeBinary, nullable=False),
        UniqueConstraint("comparison_id", "uses_digest"),
    )


def downgrade() -> None:
    op.drop_table("narrowing")
    op.drop_table("release_uses")
    op.drop_table("uses")
