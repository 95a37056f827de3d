"""What is live names what it needs in one row, so that all of it is read in one go."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Text, UniqueConstraint, text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")

# A candidate may have been taken over by another commit since it was deployed; what it needed
# then nobody knows any more, and so what its release needs is taken.
_SETS = """
UPDATE deployment SET requirement_set_id =
    (SELECT requirement_set_id FROM release WHERE release.id = deployment.release_id)
"""
_LINES = """
UPDATE requirement_set SET lines = coalesce(
    (SELECT {joined}(line, ' ') FROM
        (SELECT provider || ':' || line AS line FROM requirement
         WHERE requirement_set_id = requirement_set.id
         ORDER BY provider || ':' || line{collated}) AS needed),
    '')
"""
_LIVE = """
INSERT INTO live_requirement
    (deployment_id, {more} environment_id, dependent_id, slot, version, scheme, provider, line,
     written)
SELECT kept.deployment_id, {release_id} kept.environment_id, kept.dependent_id,
    kept.slot, kept.version, kept.scheme, kept.provider, kept.line, kept.written
FROM kept JOIN deployment ON deployment.id = kept.deployment_id
ORDER BY kept.id
"""


def upgrade() -> None:
    op.add_column("requirement_set", Column("lines", Text, nullable=False, server_default=""))
    on_server = op.get_context().dialect.name == "postgresql"
    joined, collated = ("string_agg", ' COLLATE "C"') if on_server else ("group_concat", "")
    op.execute(_LINES.format(joined=joined, collated=collated))
    op.add_column("deployment", Column("requirement_set_id", NUMBER))
    op.execute(_SETS)
    _index_live("environment_id", "service_id", "requirement_set_id")
    _recreate_live_requirement(_to("release"))


def downgrade() -> None:
    _recreate_live_requirement()
    _index_live("environment_id", "release_id")
    op.drop_column("deployment", "requirement_set_id")
    op.drop_column("requirement_set", "lines")


def _index_live(*columns: str) -> None:
    op.drop_index("ix_deployment_live", "deployment")
    is_live = text("ended_at IS NULL")
    op.create_index(
        "ix_deployment_live",
        "deployment",
        [*columns],
        sqlite_where=is_live,
        postgresql_where=is_live,
    )


def _to(table: str, name: str = "") -> Column[int]:
    return Column(f"{name or table}_id", NUMBER, ForeignKey(f"{table}.id"), nullable=False)


def _recreate_live_requirement(*more: Column[int]) -> None:
    op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM live_requirement")
    op.drop_table("live_requirement")
    op.create_table(
        "live_requirement",
        Column("id", NUMBER, primary_key=True),
        _to("deployment"),
        *more,
        _to("environment"),
        _to("service", "dependent"),
        Column("slot", String(63), nullable=False),
        Column("version", String(63), nullable=False),
        Column("scheme", String(15), nullable=False),
        Column("provider", String(63), nullable=False),
        Column("line", String(63), nullable=False),
        Column("written", String(127), nullable=False),
        UniqueConstraint("deployment_id", "provider"),
    )
    op.create_index(
        "ix_live_requirement_provider_environment_id_line",
        "live_requirement",
        ["provider", "environment_id", "line"],
    )
    op.create_index(
        "ix_live_requirement_dependent_id_environment_id",
        "live_requirement",
        ["dependent_id", "environment_id"],
    )
    columns = {"more": "release_id,", "release_id": "deployment.release_id,"} if more else {}
    op.execute(_LIVE.format(**{"more": "", "release_id": "", **columns}))
    op.execute("DROP TABLE kept")
