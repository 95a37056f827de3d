"""Contracts by what is in them, and what became of comparing two of them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def _to_contract(name: str) -> Column[int]:
    return Column(name, NUMBER, ForeignKey("contract.id"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "contract",
        _id(),
        Column("digest", String(64), nullable=False, unique=True),
        Column("main", Text, nullable=False),
    )
    op.create_table(
        "contract_file",
        _id(),
        _to_contract("contract_id"),
        Column("name", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        UniqueConstraint("contract_id", "name"),
    )
    op.create_table(
        "comparison",
        _id(),
        _to_contract("old_id"),
        _to_contract("new_id"),
        Column("format", String(31), nullable=False),
        Column("level", Integer, nullable=False),
        Column("changes", LargeBinary, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        UniqueConstraint("old_id", "new_id"),
        Index("ix_comparison_new_id", "new_id"),
    )


def downgrade() -> None:
    op.drop_table("comparison")
    op.drop_table("contract_file")
    op.drop_table("contract")
