"""What happened that others must know of, who must move, and the messages about it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ci_steps.dictionary.tables.columns import Utc, id_of, metadata, own_id

event = Table(
    "event",
    metadata,
    own_id(),
    # "major" when a breaking release reached an environment, "tests-failed" on a version-up.
    Column("kind", String(31), nullable=False),
    id_of("service"),
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
    own_id(),
    id_of("event"),
    id_of("service", "dependent"),
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
    own_id(),
    # Until when a service moves; the latest one counts, the others are kept.
    id_of("obligation"),
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
    own_id(),
    id_of("event"),
    id_of("owner"),
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
    own_id(),
    id_of("outbox"),
    Column("at", Utc, nullable=False),
    # "sending" from the claim on; then a word of `Outcome`, or "rerouted" to other contacts.
    Column("outcome", String(15), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Index(None, "outbox_id"),
)

posted = Table(
    "posted",
    metadata,
    own_id(),
    # Where the receiver shows a message, and whether it lets us change it.
    id_of("outbox"),
    Column("permalink", Text, nullable=False, server_default=""),
    Column("editable", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("outbox_id"),
)

pause = Table(
    "pause",
    metadata,
    own_id(),
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
    own_id(),
    # What comes by on a schedule, since when, and when it last did.
    Column("name", String(31), nullable=False, unique=True),
    Column("first_at", Utc, nullable=False),
    Column("at", Utc, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
)
