"""The tables of the dictionary; the migrations bring a database to exactly this."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
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


def _id() -> Column[int]:
    # SQLite counts by itself only in a column whose type is INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _to(table: str, name: str = "", *, nullable: bool = False) -> Column[int]:
    return Column(f"{name or table}_id", ForeignKey(f"{table}.id"), nullable=nullable)


owner = Table(
    "owner",
    metadata,
    _id(),
    Column("name", String(63), nullable=False, unique=True),
    Column("title", Text, nullable=False, server_default=""),
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _to("owner"),
    Column("channel", String(63), nullable=False),
    Column("address", Text, nullable=False),
    UniqueConstraint("owner_id", "channel", "address"),
)

owner_detail = Table(
    "owner_detail",
    metadata,
    _id(),
    _to("owner"),
    Column("is_person", Boolean, nullable=False, server_default=text("false")),
    Column("time_zone", String(63), nullable=False, server_default=""),
    UniqueConstraint("owner_id"),
)

owner_relation = Table(
    "owner_relation",
    metadata,
    _id(),
    # The other owner is this one's lead, deputy, member or parent.
    _to("owner"),
    Column("role", String(15), nullable=False),
    _to("owner", "other"),
    Column("position", Integer, nullable=False),
    UniqueConstraint("owner_id", "role", "other_id"),
)

service = Table(
    "service",
    metadata,
    _id(),
    Column("name", String(63), nullable=False, unique=True),
    _to("owner", nullable=True),
    Column("repository", Text, nullable=False, server_default=""),
    Index(None, "owner_id"),
)

environment = Table(
    "environment",
    metadata,
    _id(),
    Column("name", String(63), nullable=False, unique=True),
    Column("production", Boolean, nullable=False, server_default=text("false")),
)

policy = Table(
    "policy",
    metadata,
    _id(),
    _to("environment"),
    # Whether a requirement counts as satisfied only where a verification of it passed.
    Column("evidence_required", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("environment_id"),
)

alias = Table(
    "alias",
    metadata,
    _id(),
    _to("service"),
    # What the service was called before; requirements on it still mean the service.
    Column("name", String(63), nullable=False, unique=True),
    Index(None, "service_id"),
)

contract = Table(
    "contract",
    metadata,
    _id(),
    # Releases with the same description of their API share it, found by what is in it.
    Column("digest", String(64), nullable=False, unique=True),
    # The file to start at, empty where all files are meant.
    Column("main", Text, nullable=False),
)

contract_file = Table(
    "contract_file",
    metadata,
    _id(),
    _to("contract"),
    Column("name", Text, nullable=False),
    # Deflated.
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("contract_id", "name"),
)

comparison = Table(
    "comparison",
    metadata,
    _id(),
    _to("contract", "old"),
    _to("contract", "new"),
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
    _id(),
    # Which changes of a comparison touch who uses just this.
    _to("comparison"),
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
    _id(),
    # Releases that use the same of a provider share it, found by what is in it.
    Column("digest", String(64), nullable=False, unique=True),
    # JSON, deflated.
    Column("content", LargeBinary, nullable=False),
)

requirement_set = Table(
    "requirement_set",
    metadata,
    _id(),
    # Releases with the same requirements share one set, found by what is in it.
    Column("digest", String(64), nullable=False, unique=True),
    # What is needed, "auth:1 gis:calver": one row tells what a whole world is searched for.
    Column("lines", Text, nullable=False, server_default=""),
)

requirement = Table(
    "requirement",
    metadata,
    _id(),
    _to("requirement_set"),
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
    _id(),
    _to("service"),
    Column("label", String(63), nullable=False),
    Column("scheme", String(15), nullable=False),
    Column("line", String(63), nullable=False),
    # Monotone within a scheme; releases that tie are put in order by their labels in Python.
    Column("order", BigInteger, nullable=False),
    Column("commit", String(127), nullable=False),
    Column("contract_digest", String(64), nullable=False, server_default=""),
    _to("requirement_set"),
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
    _id(),
    _to("release"),
    # By name, as in a requirement.
    Column("provider", String(63), nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("release_id", "provider"),
)

deployment = Table(
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
        "service_id",
        "requirement_set_id",
        sqlite_where=text("ended_at IS NULL"),
    ),
    Index(None, "release_id"),
)

live_requirement = Table(
    "live_requirement",
    metadata,
    _id(),
    # What open deployments need, kept with them: a question never walks history.
    _to("deployment"),
    _to("release"),
    _to("environment"),
    _to("service", "dependent"),
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
    _id(),
    _to("service"),
    _to("environment"),
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

verification = Table(
    "verification",
    metadata,
    _id(),
    # Two exact versions were tried together; the latest result counts.
    _to("service", "dependent"),
    Column("dependent_version", String(63), nullable=False),
    _to("service", "provider"),
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
    _id(),
    # In verdicts about this service, edges with the other one are listed and not judged.
    _to("service"),
    Column("other", String(63), nullable=False),
    _to("environment"),
    Column("until", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    Index(None, "service_id", "environment_id"),
)

retired_line = Table(
    "retired_line",
    metadata,
    _id(),
    _to("service"),
    Column("line", String(63), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    UniqueConstraint("service_id", "line"),
)

retirement_act = Table(
    "retirement_act",
    metadata,
    _id(),
    # What people decided about the end of a line; rows are only ever added.
    _to("service"),
    Column("line", String(63), nullable=False),
    _to("environment"),
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
    _id(),
    # What people decided about the end of anything but a line; rows are only ever added.
    _to("service"),
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

evidence = Table(
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
    Column("at", Utc, nullable=False),
    # A digest of what the step was told; nothing where nobody knows it.
    Column("options", String(64), nullable=False, server_default=""),
    Index(None, "service_id", "commit", "kind"),
)

event = Table(
    "event",
    metadata,
    _id(),
    # "major" when a breaking release reached an environment, "tests-failed" on a version-up.
    Column("kind", String(31), nullable=False),
    _to("service"),
    # What one must move to, as in a requirement: "2" of auth-2.
    Column("to", String(63), nullable=False),
    Column("environment", String(63), nullable=False, server_default=""),
    Column("version", String(63), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    # JSON: what the release says about itself, such as what happens when it is due.
    Column("terms", Text, nullable=False, server_default=""),
    # "withdrawn", "superseded" or "fixed" when nobody is told about it any more.
    Column("closed", String(15), nullable=False, server_default=""),
    # A second run, the next build of the same major and a second pipeline announce nothing.
    UniqueConstraint("kind", "service_id", "to", "environment"),
)

obligation = Table(
    "obligation",
    metadata,
    _id(),
    _to("event"),
    _to("service", "dependent"),
    Column("requirement", String(127), nullable=False),
    Column("due", Date, nullable=False),
    Column("done_at", Utc),
    # The last stage of the schedule that is behind it, and who else was told: lead, provider.
    Column("stage", String(31), nullable=False, server_default=""),
    Column("escalated", String(15), nullable=False, server_default=""),
    # Why it is done where it was not moved: "withdrawn", "superseded".
    Column("ended", String(15), nullable=False, server_default=""),
    Column("since", Utc),
    Column("seen_at", Utc),
    # Where the requirement was declared, and in which commit: "ci-steps.yaml:7".
    Column("place", Text, nullable=False, server_default=""),
    Column("commit", String(127), nullable=False, server_default=""),
    UniqueConstraint("event_id", "dependent_id"),
    Index(None, "dependent_id"),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    _id(),
    # Until when a service moves; the latest one counts, the others are kept.
    _to("obligation"),
    Column("until", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("on_behalf_of", Text, nullable=False, server_default=""),
    # "command", "trailer"
    Column("source", String(15), nullable=False, server_default=""),
    Column("at", Utc, nullable=False),
    Index(None, "obligation_id"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _to("event"),
    _to("owner"),
    Column("channel", String(63), nullable=False),
    Column("address", Text, nullable=False),
    Column("stage", String(31), nullable=False),
    # pending -> sending -> sent, or failed; unknown, when the answer was lost, is looked up
    Column("state", String(15), nullable=False, server_default="pending"),
    # Rendered once, at the first try; every later try sends these very bytes.
    Column("payload", LargeBinary),
    Column("receipt", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", Utc, nullable=False),
    Column("not_before", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("sent_at", Utc),
    UniqueConstraint("event_id", "channel", "address", "stage"),
    Index(
        "ix_outbox_open",
        "not_before",
        sqlite_where=text("state <> 'sent'"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _to("outbox"),
    Column("at", Utc, nullable=False),
    # "sending" from the claim on; then a word of `Outcome`, or "rerouted" to other contacts.
    Column("outcome", String(15), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Index(None, "outbox_id"),
)

posted = Table(
    "posted",
    metadata,
    _id(),
    # Where the receiver shows a message, and whether it lets us change it.
    _to("outbox"),
    Column("permalink", Text, nullable=False, server_default=""),
    Column("editable", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("outbox_id"),
)

pause = Table(
    "pause",
    metadata,
    _id(),
    # A receiver that asked for a pause (rate), or that does not let us in (configuration).
    Column("channel", String(63), nullable=False),
    Column("workspace", Text, nullable=False),
    Column("reason", String(15), nullable=False),
    Column("since", Utc, nullable=False),
    Column("until", Utc),
    Column("text", Text, nullable=False, server_default=""),
    UniqueConstraint("channel", "workspace", "reason"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    _id(),
    # What comes by on a schedule, since when, and when it last did.
    Column("name", String(31), nullable=False, unique=True),
    Column("first_at", Utc, nullable=False),
    Column("at", Utc, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
)


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
