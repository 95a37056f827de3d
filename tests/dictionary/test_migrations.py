from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, text

from ci_steps.dictionary import migrations
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import metadata
from ci_steps.errors import DictionaryError
from ci_steps.outside.databases import open_copy, open_database
from tests.parts.dictionaries import dictionary_at, ship

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def schema(connection: Connection) -> dict[str, str]:
    """Return everything that was created, as SQLite remembers it."""
    rows = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master"
            " WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        )
    )
    return {row.name: " ".join(row.sql.split()) for row in rows}


def change(path: Path, statement: str) -> None:
    with dictionary_at(str(path)) as dictionary, dictionary.writing() as connection:
        connection.execute(text(statement))


def test_head_is_the_newest_script() -> None:
    scripts = ScriptDirectory(str(migrations.__path__[0]))
    assert scripts.get_heads() == [migrations.HEAD]
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "compared as texts to find newer ones"
    assert all(len(revision) == 4 and revision.isdigit() for revision in revisions)


def test_the_migrations_end_at_exactly_the_tables_of_the_program() -> None:
    with dictionary_at() as dictionary, dictionary.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        migrated = schema(connection)
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        assert migrated == schema(connection)
    engine.dispose()


def test_down_to_nothing_and_up_again_gives_the_same_tables() -> None:
    with dictionary_at() as dictionary:
        with dictionary.reading() as connection:
            before = schema(connection)
        with dictionary.writing() as connection:
            migrations.downgrade(connection, "base")
            assert schema(connection) == {}
        with dictionary.writing() as connection:
            migrations.upgrade(connection)
            assert schema(connection) == before
            assert migrations.is_current(connection)


def upgrade_too_far(connection: Connection) -> None:
    migrations.upgrade(connection)
    assert schema(connection) != {}
    migrations.upgrade(connection, "9999")


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    engine = open_database(str(tmp_path / "dictionary.db"))
    dictionary = Dictionary(engine)
    with pytest.raises(CommandError), dictionary.writing() as connection:
        upgrade_too_far(connection)
    with dictionary.reading() as connection:
        assert schema(connection) == {}
    dictionary.close()


def test_a_newer_schema_asks_for_a_newer_program(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.db"
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    for opened in (open_database, open_copy):
        with pytest.raises(
            DictionaryError, match=r"^the dictionary has schema 9999, newer than this ci-steps"
        ):
            Dictionary.open(opened(str(path)))


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
    tmp_path: Path, statements: list[str]
) -> None:
    path = tmp_path / "invoices.db"
    engine = open_database(str(path))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        before = schema(connection)
    with pytest.raises(DictionaryError, match=r"invoices.db is not a dictionary"):
        Dictionary.open(engine)
    with engine.connect() as connection:
        assert schema(connection) == before
    engine.dispose()


def test_alembic_is_not_imported_for_a_dictionary_that_is_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.db"
    with dictionary_at(str(path)) as dictionary:
        ship(dictionary, "auth 1.1")
    script = (
        "import sys\n"
        "from ci_steps.dictionary.store import Dictionary\n"
        "from ci_steps.outside.databases import open_database\n"
        "with Dictionary.open(open_database(sys.argv[1])) as dictionary:\n"
        "    print(len(dictionary.live()), 'alembic' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1 False\n"


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
