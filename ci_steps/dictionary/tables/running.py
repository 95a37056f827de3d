"""What runs where, what that needs, and what answered there."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ci_steps.dictionary.tables.columns import Utc, id_of, metadata, own_id

deployment = Table(
    "deployment",
    metadata,
    own_id(),
    id_of("release"),
    id_of("service"),
    id_of("environment"),
    Column("slot", String(63), nullable=False),
    Column("commit", String(127), nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("digest", String(127), nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    # What was deployed needs this, also where another commit has taken its release over since.
    Column("requirement_set_id", BigInteger().with_variant(Integer, "sqlite")),
    Index(
        "ix_deployment_open",
        "service_id",
        "environment_id",
        "slot",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_deployment_live",
        "environment_id",
        "requirement_set_id",
        "service_id",
        sqlite_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_deployment_by_set",
        "requirement_set_id",
        "service_id",
        "environment_id",
        sqlite_where=text("ended_at IS NULL"),
    ),
    Index(None, "release_id"),
)

live_requirement = Table(
    "live_requirement",
    metadata,
    own_id(),
    # What open deployments need, kept with them: a question never walks history.
    id_of("deployment"),
    id_of("release"),
    id_of("environment"),
    id_of("service", "dependent"),
    Column("slot", String(63), nullable=False),
    Column("version", String(63), nullable=False),
    Column("scheme", String(15), nullable=False),
    Column("provider", String(63), nullable=False),
    Column("line", String(63), nullable=False),
    Column("written", String(127), nullable=False),
    UniqueConstraint("deployment_id", "provider"),
    Index(None, "provider", "environment_id", "line"),
    Index(None, "dependent_id", "environment_id"),
)

observation = Table(
    "observation",
    metadata,
    own_id(),
    id_of("service"),
    id_of("environment"),
    # Where the answer came from; the latest answer of an address takes the place of the last one.
    Column("address", Text, nullable=False),
    Column("version", String(63), nullable=False, server_default=""),
    Column("scheme", String(15), nullable=False, server_default=""),
    Column("problem", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    # Whether it was another version than the recorded one: every verdict looks at these.
    Column("differs", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("service_id", "environment_id", "address"),
    Index(
        "ix_observation_differing",
        "environment_id",
        sqlite_where=text("differs"),
    ),
)
