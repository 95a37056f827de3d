"""What a release changes in its database for good, and how a person goes back."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", Column("database", Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("release", "database")
