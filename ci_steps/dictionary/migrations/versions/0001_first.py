"""The tables of the dictionary as they were first, written out: this never changes again."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


UTC = DateTime(timezone=True)


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _to(table: str, name: str = "", *, nullable: bool = False) -> Column[int]:
    return Column(f"{name or table}_id", ForeignKey(f"{table}.id"), nullable=nullable)


Table(
    "owner",
    metadata,
    _id(),
    Column("name", String(63), nullable=False, unique=True),
    Column("title", Text, nullable=False, server_default=""),
)

Table(
    "contact",
    metadata,
    _id(),
    _to("owner"),
    Column("channel", String(63), nullable=False),
    Column("address", Text, nullable=False),
    UniqueConstraint("owner_id", "channel", "address"),
)

Table(
    "service",
    metadata,
    _id(),
    Column("name", String(63), nullable=False, unique=True),
    _to("owner", nullable=True),
    Column("repository", Text, nullable=False, server_default=""),
    Index(None, "owner_id"),
)

Table(
    "environment",
    metadata,
    _id(),
    Column("name", String(63), nullable=False, unique=True),
    Column("production", Boolean, nullable=False, server_default=text("false")),
)

Table(
    "requirement_set",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False, unique=True),
)

Table(
    "requirement",
    metadata,
    _id(),
    _to("requirement_set"),
    Column("provider", String(63), nullable=False),
    Column("line", String(63), nullable=False),
    Column("written", String(127), nullable=False),
    UniqueConstraint("requirement_set_id", "provider"),
    Index(None, "provider", "line"),
)

Table(
    "release",
    metadata,
    _id(),
    _to("service"),
    Column("label", String(63), nullable=False),
    Column("scheme", String(15), nullable=False),
    Column("line", String(63), nullable=False),
    Column("order", BigInteger, nullable=False),
    Column("commit", String(127), nullable=False),
    Column("contract_digest", String(64), nullable=False, server_default=""),
    _to("requirement_set"),
    Column("final", Boolean, nullable=False, server_default=text("false")),
    Column("recorded_at", UTC, nullable=False),
    UniqueConstraint("service_id", "label"),
    Index(None, "service_id", "order"),
    Index(None, "requirement_set_id"),
)

Table(
    "deployment",
    metadata,
    _id(),
    _to("release"),
    _to("service"),
    _to("environment"),
    Column("slot", String(63), nullable=False),
    Column("commit", String(127), nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("digest", String(127), nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("started_at", UTC, nullable=False),
    Column("ended_at", UTC),
    Index(
        "ix_deployment_open",
        "service_id",
        "environment_id",
        "slot",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_deployment_live",
        "environment_id",
        "release_id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(None, "release_id"),
)

Table(
    "evidence",
    metadata,
    _id(),
    _to("service"),
    Column("kind", String(63), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("version", String(63), nullable=False),
    Column("commit", String(127), nullable=False),
    Column("environment", String(63), nullable=False, server_default=""),
    Column("digest", String(127), nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", UTC, nullable=False),
    Index(None, "service_id", "commit", "kind"),
)

Table(
    "event",
    metadata,
    _id(),
    Column("kind", String(31), nullable=False),
    _to("service"),
    Column("to", String(63), nullable=False),
    Column("environment", String(63), nullable=False, server_default=""),
    Column("version", String(63), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", UTC, nullable=False),
    UniqueConstraint("kind", "service_id", "to", "environment"),
)

Table(
    "obligation",
    metadata,
    _id(),
    _to("event"),
    _to("service", "dependent"),
    Column("requirement", String(127), nullable=False),
    Column("due", Date, nullable=False),
    Column("done_at", UTC),
    UniqueConstraint("event_id", "dependent_id"),
    Index(None, "dependent_id"),
)

Table(
    "outbox",
    metadata,
    _id(),
    _to("event"),
    _to("owner"),
    Column("channel", String(63), nullable=False),
    Column("address", Text, nullable=False),
    Column("stage", String(31), nullable=False),
    Column("state", String(15), nullable=False, server_default="pending"),
    Column("payload", LargeBinary),
    Column("receipt", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", UTC, nullable=False),
    Column("not_before", UTC, nullable=False),
    Column("lease_until", UTC),
    Column("sent_at", UTC),
    UniqueConstraint("event_id", "channel", "address", "stage"),
    Index(
        "ix_outbox_open",
        "not_before",
        sqlite_where=text("state <> 'sent'"),
        postgresql_where=text("state <> 'sent'"),
    ),
)

Table(
    "attempt",
    metadata,
    _id(),
    _to("outbox"),
    Column("at", UTC, nullable=False),
    Column("outcome", String(15), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Index(None, "outbox_id"),
)


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
