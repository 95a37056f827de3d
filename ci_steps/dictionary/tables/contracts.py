"""Contracts, kept once whoever has them, and what comparisons of two of them said."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from ci_steps.dictionary.tables.columns import Utc, id_of, metadata, own_id

contract = Table(
    "contract",
    metadata,
    own_id(),
    # Releases with the same description of their API share it, found by what is in it.
    Column("digest", String(64), nullable=False, unique=True),
    # The file to start at, empty where all files are meant.
    Column("main", Text, nullable=False),
)

contract_file = Table(
    "contract_file",
    metadata,
    own_id(),
    id_of("contract"),
    Column("name", Text, nullable=False),
    # Deflated.
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("contract_id", "name"),
)

comparison = Table(
    "comparison",
    metadata,
    own_id(),
    id_of("contract", "old"),
    id_of("contract", "new"),
    Column("format", String(31), nullable=False),
    # 0 compatible, 1 warning, 2 breaking: that of the worst change.
    Column("level", Integer, nullable=False),
    # JSON, deflated.
    Column("changes", LargeBinary, nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("old_id", "new_id"),
    Index(None, "new_id"),
)

narrowing = Table(
    "narrowing",
    metadata,
    own_id(),
    # Which changes of a comparison touch who uses just this.
    id_of("comparison"),
    Column("uses_digest", String(64), nullable=False),
    # That of the worst change that touches.
    Column("level", Integer, nullable=False),
    # JSON, deflated.
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("comparison_id", "uses_digest"),
)

uses = Table(
    "uses",
    metadata,
    own_id(),
    # Releases that use the same of a provider share it, found by what is in it.
    Column("digest", String(64), nullable=False, unique=True),
    # JSON, deflated.
    Column("content", LargeBinary, nullable=False),
)
