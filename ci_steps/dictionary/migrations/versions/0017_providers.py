"""All that is live is read in one question: who provides what it needs, and where it runs."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_BY_SET, _LIVE = "ix_deployment_by_set", "ix_deployment_live"
_SET = """
UPDATE requirement_set SET {column} = coalesce(
    (SELECT {joined}(what, ' ') FROM
        (SELECT {what} AS what FROM requirement
         WHERE requirement_set_id = requirement_set.id
         ORDER BY {by}{collated}) AS needed),
    '')
"""
_PAIR = "provider || ':' || line"


def upgrade() -> None:
    op.add_column("requirement_set", Column("providers", Text, nullable=False, server_default=""))
    _set("providers", "provider", by="provider")
    _set("lines", "line", by="provider")
    op.drop_index(_LIVE, "deployment")
    _index(_LIVE, "environment_id", "requirement_set_id", "service_id")
    _index(_BY_SET, "requirement_set_id", "service_id", "environment_id")


def downgrade() -> None:
    op.drop_index(_BY_SET, "deployment")
    op.drop_index(_LIVE, "deployment")
    _index(_LIVE, "environment_id", "service_id", "requirement_set_id")
    _set("lines", _PAIR, by=_PAIR)
    op.drop_column("requirement_set", "providers")


def _index(name: str, *columns: str) -> None:
    is_live = text("ended_at IS NULL")
    op.create_index(name, "deployment", [*columns], sqlite_where=is_live, postgresql_where=is_live)


def _set(column: str, what: str, *, by: str) -> None:
    on_server = op.get_context().dialect.name == "postgresql"
    joined, collated = ("string_agg", ' COLLATE "C"') if on_server else ("group_concat", "")
    statement = _SET.format(column=column, what=what, by=by, joined=joined, collated=collated)
    op.execute(statement)
