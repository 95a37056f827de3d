"""What a step of an end rests on, and when callers are refused."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("retirement_act", Column("terms", Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("retirement_act", "terms")
