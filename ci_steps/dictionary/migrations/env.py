"""What Alembic runs: the scripts, in the transaction that is already open."""

from __future__ import annotations

from alembic import context

from ci_steps.dictionary.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can, once Python's sqlite3 does not commit behind our back.
    transactional_ddl=True,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
