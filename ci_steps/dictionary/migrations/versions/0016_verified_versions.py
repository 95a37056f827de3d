"""What a version of a dependent was tried with is found at once, whoever provides."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OF_VERSION = "ix_verification_dependent_id_dependent_version"
_OF_PAIR = "ix_verification_dependent_id_provider_id_dependent_version"


def upgrade() -> None:
    op.create_index(_OF_VERSION, "verification", ["dependent_id", "dependent_version"])
    op.drop_index(_OF_PAIR, "verification")


def downgrade() -> None:
    op.create_index(_OF_PAIR, "verification", ["dependent_id", "provider_id", "dependent_version"])
    op.drop_index(_OF_VERSION, "verification")
