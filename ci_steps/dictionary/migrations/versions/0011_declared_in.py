"""Where a release declares what it needs, for people who ask why they are told."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String, Text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", Column("places", Text, nullable=False, server_default=""))
    op.add_column("obligation", Column("place", Text, nullable=False, server_default=""))
    op.add_column("obligation", Column("commit", String(127), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("commit", "place"):
        op.drop_column("obligation", column)
    op.drop_column("release", "places")
