"""What was shown, tried together, or is not judged."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, String, Table, Text

from ci_steps.dictionary.tables.columns import Utc, id_of, metadata, own_id

verification = Table(
    "verification",
    metadata,
    own_id(),
    # Two exact versions were tried together; the latest result counts.
    id_of("service", "dependent"),
    Column("dependent_version", String(63), nullable=False),
    id_of("service", "provider"),
    Column("provider_version", String(63), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    Index(None, "dependent_id", "dependent_version"),
    Index(None, "provider_id", "provider_version"),
)

waiver = Table(
    "waiver",
    metadata,
    own_id(),
    # In verdicts about this service, edges with the other one are listed and not judged.
    id_of("service"),
    Column("other", String(63), nullable=False),
    id_of("environment"),
    Column("until", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    Index(None, "service_id", "environment_id"),
)

evidence = Table(
    "evidence",
    metadata,
    own_id(),
    id_of("service"),
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
    Column("at", Utc, nullable=False),
    # A digest of what the step was told; nothing where nobody knows it.
    Column("options", String(64), nullable=False, server_default=""),
    Index(None, "service_id", "commit", "kind"),
)
