from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from ci_steps.dictionary import migrations
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import metadata
from ci_steps.errors import DictionaryError
from ci_steps.outside.databases.opening import open_copy, open_database
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.postgres import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


_VERSION = "alembic_version"
_SCHEMA = {
    "sqlite": (
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
    ),
    # Columns, then indexes with their conditions, then constraints.
    "postgresql": """
        SELECT table_name || '.' || column_name AS name,
            concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) AS sql
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
}


def schema(connection: Connection) -> dict[str, str]:
    """Return everything that was created, as the database remembers it."""
    rows = connection.execute(text(_SCHEMA[connection.dialect.name]))
    return {
        row.name: " ".join(row.sql.split()) for row in rows if "alembic_version" not in row.name
    }


def versions_of(connection: Connection) -> list[object]:
    """Return Alembic's own table, as it is read and as it was made."""
    found = inspect(connection)
    return [
        connection.execute(text("SELECT * FROM alembic_version")).all(),
        [{**column, "type": str(column["type"])} for column in found.get_columns(_VERSION)],
        found.get_pk_constraint(_VERSION),
    ]


def change(url: str, statement: str) -> None:
    with dictionary_at(url) as dictionary, dictionary.writing() as connection:
        connection.execute(text(statement))


def test_head_is_the_newest_script() -> None:
    scripts = ScriptDirectory(str(migrations.__path__[0]))
    assert scripts.get_heads() == [migrations.HEAD]
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "compared as texts to find newer ones"
    assert all(len(revision) == 4 and revision.isdigit() for revision in revisions)


def run_all_scripts(connection: Connection) -> None:
    migrations.upgrade(connection, "0001")
    migrations.upgrade(connection)
    assert migrations.is_current(connection)


def test_the_migrations_end_at_exactly_the_tables_that_an_empty_database_gets(
    empty_url: str,
) -> None:
    dictionary = Dictionary(open_database(empty_url))
    with dictionary.writing() as connection:
        run_all_scripts(connection)
    with dictionary.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        migrated, versions = schema(connection), versions_of(connection)
    with dictionary.writing() as connection:
        migrations.downgrade(connection, "base")
        connection.execute(text("DROP TABLE alembic_version"))
        migrations.upgrade(connection)
        assert migrated == schema(connection)
        assert versions == versions_of(connection)
    dictionary.close()
    partial = [sql for sql in migrated.values() if " WHERE " in sql]
    assert len(partial) == 5, "the partial indexes are compared as well"


def test_down_to_nothing_and_up_again_gives_the_same_tables(empty_url: str) -> None:
    with dictionary_at(empty_url) as dictionary:
        with dictionary.reading() as connection:
            before = schema(connection)
        with dictionary.writing() as connection:
            migrations.downgrade(connection, "base")
            assert schema(connection) == {}
        with dictionary.writing() as connection:
            run_all_scripts(connection)
            assert schema(connection) == before


def upgrade_too_far(connection: Connection) -> None:
    run_all_scripts(connection)
    assert schema(connection) != {}
    migrations.upgrade(connection, "9999")


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    dictionary = Dictionary(open_database(empty_url))
    with pytest.raises(CommandError), dictionary.writing() as connection:
        upgrade_too_far(connection)
    with dictionary.reading() as connection:
        assert schema(connection) == {}
    dictionary.close()


_STOP_HALF_WAY = """
import sys
from ci_steps.dictionary import migrations
from ci_steps.dictionary.store import Dictionary
from ci_steps.outside.databases.opening import open_database
with Dictionary(open_database(sys.argv[1])).writing() as connection:
    migrations.upgrade(connection, "0001")
    migrations.upgrade(connection)
    print("changed", flush=True)
    sys.stdin.readline()
"""


def test_a_migration_that_is_killed_leaves_the_database_as_it_was_and_no_lock(
    empty_url: str,
) -> None:
    command = [sys.executable, "-c", _STOP_HALF_WAY, empty_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"changed\n"
        process.kill()
    dictionary = Dictionary(open_database(empty_url))
    with dictionary.reading() as connection:
        assert schema(connection) == {}
    dictionary.close()
    with dictionary_at(empty_url) as opened:
        ship(opened, "auth 1.1")


def test_data_of_the_first_schema_is_there_after_all_migrations(empty_url: str) -> None:
    with dictionary_at(empty_url) as dictionary:
        ship(dictionary, "web 1.0", "auth-1.1")
        before = dictionary.live(), dictionary.dependents("auth")
        with dictionary.writing() as connection:
            migrations.downgrade(connection, "0001")
    with dictionary_at(empty_url) as dictionary:
        assert (dictionary.live(), dictionary.dependents("auth")) == before


def test_a_newer_schema_asks_for_a_newer_program(empty_url: str) -> None:
    change(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    for opened in (open_database, open_copy):
        with pytest.raises(
            DictionaryError, match=r"^the dictionary has schema 9999, newer than this ci-steps"
        ):
            Dictionary.open(opened(empty_url))


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE invoice (id INTEGER)"],
        [
            "CREATE TABLE alembic_version (version_num TEXT)",
            "INSERT INTO alembic_version VALUES ('ae10')",
        ],
    ],
    ids=["without Alembic", "with an Alembic of its own"],
)
def test_the_database_of_something_else_is_left_alone(
    empty_url: str, statements: list[str]
) -> None:
    engine = open_database(empty_url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        before = schema(connection)
    for opened in (open_database, open_copy):
        with pytest.raises(DictionaryError, match=r"^\S+ is not a dictionary") as raised:
            Dictionary.open(opened(empty_url))
        assert PASSWORD not in str(raised.value)
    with engine.connect() as connection:
        assert schema(connection) == before
    engine.dispose()


def test_alembic_is_not_imported_for_a_dictionary_that_is_new_or_up_to_date(
    empty_url: str,
) -> None:
    script = (
        "import sys\n"
        "from ci_steps.dictionary.store import Dictionary\n"
        "from ci_steps.outside.databases.opening import open_database\n"
        "with Dictionary.open(open_database(sys.argv[1])) as dictionary:\n"
        "    print(len(dictionary.live()), 'alembic' in sys.modules)\n"
    )
    for _ in ("new", "up to date"):
        done = subprocess.run(
            [sys.executable, "-c", script, empty_url], capture_output=True, text=True, check=True
        )
        assert done.stdout == "0 False\n"


@pytest.mark.parametrize("opened", [open_database, open_copy], ids=["for real", "in a rehearsal"])
def test_a_path_with_signs_that_mean_something_to_others_is_only_a_path(
    tmp_path: Path, opened: Callable[[str], object]
) -> None:
    path = tmp_path / "50% of #1 & 2.db"
    with dictionary_at(str(path)) as dictionary:
        ship(dictionary, "auth 1.1")
    engine = open_database(str(path)) if opened is open_database else open_copy(str(path))
    with Dictionary.open(engine) as dictionary:
        assert len(dictionary.live()) == 1
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
