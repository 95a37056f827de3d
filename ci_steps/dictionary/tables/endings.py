"""What people decided about the end of a line, and of anything else."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, String, Table, Text, UniqueConstraint

from ci_steps.dictionary.tables.columns import Utc, id_of, metadata, own_id

retired_line = Table(
    "retired_line",
    metadata,
    own_id(),
    id_of("service"),
    Column("line", String(63), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    UniqueConstraint("service_id", "line"),
)

retirement_act = Table(
    "retirement_act",
    metadata,
    own_id(),
    # What people decided about the end of a line; rows are only ever added.
    id_of("service"),
    Column("line", String(63), nullable=False),
    id_of("environment"),
    Column("kind", String(15), nullable=False),
    Column("retire_on", Date),
    Column("by", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    # JSON: what a step rests on, and when callers are refused.
    Column("terms", Text, nullable=False, server_default=""),
    Index(None, "service_id", "line"),
)

plan_act = Table(
    "plan_act",
    metadata,
    own_id(),
    # What people decided about the end of anything but a line; rows are only ever added.
    id_of("service"),
    # "operation", "field", "event", and which one.
    Column("about", String(15), nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", String(15), nullable=False),
    Column("deprecated_on", Date),
    Column("retire_on", Date),
    Column("instead", Text, nullable=False, server_default=""),
    Column("migration", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    Index(None, "service_id"),
)
