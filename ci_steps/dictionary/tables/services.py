"""Services, the names they had, and the environments they run in."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text, UniqueConstraint, text

from ci_steps.dictionary.tables.columns import id_of, metadata, own_id

service = Table(
    "service",
    metadata,
    own_id(),
    Column("name", String(63), nullable=False, unique=True),
    id_of("owner", nullable=True),
    Column("repository", Text, nullable=False, server_default=""),
    Index(None, "owner_id"),
)

environment = Table(
    "environment",
    metadata,
    own_id(),
    Column("name", String(63), nullable=False, unique=True),
    Column("production", Boolean, nullable=False, server_default=text("false")),
)

policy = Table(
    "policy",
    metadata,
    own_id(),
    id_of("environment"),
    # Whether a requirement counts as satisfied only where a verification of it passed.
    Column("evidence_required", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("environment_id"),
)

alias = Table(
    "alias",
    metadata,
    own_id(),
    id_of("service"),
    # What the service was called before; requirements on it still mean the service.
    Column("name", String(63), nullable=False, unique=True),
    Index(None, "service_id"),
)
