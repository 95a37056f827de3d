"""Who owns services and how they are reached."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint, text

from ci_steps.dictionary.tables.columns import id_of, metadata, own_id

owner = Table(
    "owner",
    metadata,
    own_id(),
    Column("name", String(63), nullable=False, unique=True),
    Column("title", Text, nullable=False, server_default=""),
)

contact = Table(
    "contact",
    metadata,
    own_id(),
    id_of("owner"),
    Column("channel", String(63), nullable=False),
    Column("address", Text, nullable=False),
    UniqueConstraint("owner_id", "channel", "address"),
)

owner_detail = Table(
    "owner_detail",
    metadata,
    own_id(),
    id_of("owner"),
    Column("is_person", Boolean, nullable=False, server_default=text("false")),
    Column("time_zone", String(63), nullable=False, server_default=""),
    UniqueConstraint("owner_id"),
)

owner_relation = Table(
    "owner_relation",
    metadata,
    own_id(),
    # The other owner is this one's lead, deputy, member or parent.
    id_of("owner"),
    Column("role", String(15), nullable=False),
    id_of("owner", "other"),
    Column("position", Integer, nullable=False),
    UniqueConstraint("owner_id", "role", "other_id"),
)
