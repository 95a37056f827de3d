"""Releases, and what they require."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ci_steps.dictionary.tables.columns import Utc, id_of, metadata, own_id

requirement_set = Table(
    "requirement_set",
    metadata,
    own_id(),
    # Releases with the same requirements share one set, found by what is in it.
    Column("digest", String(64), nullable=False, unique=True),
    # What is needed, "1 calver" of "auth gis": one row tells what a whole world is searched for.
    Column("lines", Text, nullable=False, server_default=""),
    Column("providers", Text, nullable=False, server_default=""),
)

requirement = Table(
    "requirement",
    metadata,
    own_id(),
    id_of("requirement_set"),
    # By name: a service may be needed before anybody has released it.
    Column("provider", String(63), nullable=False),
    Column("line", String(63), nullable=False),
    Column("written", String(127), nullable=False),
    UniqueConstraint("requirement_set_id", "provider"),
    Index(None, "provider", "line"),
)

release = Table(
    "release",
    metadata,
    own_id(),
    id_of("service"),
    Column("label", String(63), nullable=False),
    Column("scheme", String(15), nullable=False),
    Column("line", String(63), nullable=False),
    # Monotone within a scheme; releases that tie are put in order by their labels in Python.
    Column("order", BigInteger, nullable=False),
    Column("commit", String(127), nullable=False),
    Column("contract_digest", String(64), nullable=False, server_default=""),
    id_of("requirement_set"),
    # A candidate may be replaced by a later commit; a final release never changes.
    Column("final", Boolean, nullable=False, server_default=text("false")),
    Column("recorded_at", Utc, nullable=False),
    # JSON: where it declares what it needs, by provider: {"auth": "ci-steps.yaml:7"}.
    Column("places", Text, nullable=False, server_default=""),
    # JSON: since which version its database cannot be brought back, and the note for people.
    Column("database", Text, nullable=False, server_default=""),
    UniqueConstraint("service_id", "label"),
    Index(None, "service_id", "order"),
    Index(None, "requirement_set_id"),
)

release_uses = Table(
    "release_uses",
    metadata,
    own_id(),
    id_of("release"),
    # By name, as in a requirement.
    Column("provider", String(63), nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("release_id", "provider"),
)
