"""What all tables are made of: their names, times in UTC, and how one row names another."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    TypeDecorator,
)
from sqlalchemy import event as sqlalchemy_event

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps no zone, so it is put on again when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,
    ) -> datetime | None:
        """Refuse a time without a zone: nobody could say which one was meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(timezone.utc)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,
    ) -> datetime | None:
        """Return the time with its zone."""
        if value is None:
            return value
        # A server answers in its own zone.
        return (
            value.astimezone(timezone.utc) if value.tzinfo else value.replace(tzinfo=timezone.utc)
        )


def own_id() -> Column[int]:
    """Return the column by which others name a row."""
    # SQLite counts by itself only in a column whose type is INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def id_of(table: str, name: str = "", *, nullable: bool = False) -> Column[int]:
    """Return the column that names a row of *table*; *name* where it is called otherwise."""
    return Column(f"{name or table}_id", ForeignKey(f"{table}.id"), nullable=nullable)


@sqlalchemy_event.listens_for(metadata, "before_create")
def say_where_for_postgresql(_: object, connection: Connection, **__: object) -> None:
    """Let PostgreSQL make the same partial indexes as SQLite.

    Said in the tables, ``postgresql_where`` would import that dialect, which takes 20 ms, in
    every process that opens a dictionary.
    """
    if connection.dialect.name != "postgresql":
        return
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
