"""With which options a step proved something."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", Column("options", String(64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("evidence", "options")
