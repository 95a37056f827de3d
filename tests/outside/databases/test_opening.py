from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import DictionaryError, OutsideError, UsageError
from ci_steps.model import Service
from ci_steps.outside import Outside
from ci_steps.outside.databases.addresses import refuse_workspace
from ci_steps.outside.databases.opening import open_copy, open_database
from ci_steps.outside.databases.transactions import WRITING
from ci_steps.outside.inert import InertOutside
from tests.parts.dictionaries import dictionary_at, ship

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOBODY = 65534

OPENERS = pytest.mark.parametrize(
    "opened", [open_database, open_copy], ids=["for real", "in a rehearsal"]
)


def problem(opened: Callable[[str], object], url: str) -> OutsideError:
    with pytest.raises(OutsideError) as raised:
        opened(url)
    assert raised.value.exit_code == 3
    return raised.value


def names(dictionary: Dictionary) -> list[str]:
    return [service.name for service in dictionary.services()]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Addresses.


@pytest.mark.parametrize("url", ["{}", "sqlite:///{}"])
def test_a_path_and_a_url_name_the_same_file_and_its_folders_are_made(
    tmp_path: Path, url: str
) -> None:
    path = tmp_path / "new" / "folders" / "dictionary.db"
    with dictionary_at(url.format(path)) as dictionary:
        dictionary.record_service(Service("auth"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM service").fetchall() == [("auth",)]


def test_a_relative_path_is_relative_to_the_folder_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("one.db", "sqlite:///two.db"):
        open_database(url).dispose()
    assert files(tmp_path) == ["one.db", "two.db"]


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    open_database("~/dictionary.db").dispose()
    assert files(tmp_path) == ["dictionary.db"]


@OPENERS
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://dictionary.example", "unknown scheme 'https'"),
        ("", "'' names no dictionary"),
        ("sqlite://", "'sqlite://' names no dictionary"),
        ("sqlite:///", "'sqlite:///' names no dictionary"),
        ("sqlite://dictionary.db", "'sqlite://dictionary.db' names no dictionary"),
        ("sqlite:dictionary.db", "'sqlite:dictionary.db' names no dictionary"),
        ("sqlite:///a.db?mode=ro", "has options"),
    ],
)
def test_what_names_no_database_is_quoted_and_nothing_is_made(
    opened: Callable[[str], object],
    url: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    error = problem(opened, url)
    assert said in str(error)
    assert error.hint
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("job", "variable"),
    [
        ("GITHUB_ACTIONS", "GITHUB_WORKSPACE"),
        ("JENKINS_URL", "WORKSPACE"),
        ("GITLAB_CI", "CI_PROJECT_DIR"),
    ],
)
def test_a_file_in_the_workspace_of_a_job_is_refused_and_only_there(
    tmp_path: Path, job: str, variable: str
) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "link").symlink_to(workspace)
    environ = {job: "true", variable: str(workspace)}
    for inside in (workspace / "a.db", tmp_path / "link" / "a.db", workspace / "x" / ".." / "a.db"):
        with pytest.raises(UsageError, match=r"which is wiped") as raised:
            Outside(environ).database(f"sqlite:///{inside}")
        assert variable in str(raised.value)
        assert "CI_STEPS_DICTIONARY=postgresql://" in raised.value.hint
    assert files(workspace) == []
    outside = str(tmp_path / "workspace-of-all.db")
    Outside(environ).database(outside).dispose()
    refuse_workspace("postgresql://db.example/workspace", environ)
    # No job runs: a person works in a folder that only has the name.
    Outside({variable: str(workspace)}).database(str(workspace / "a.db")).dispose()
    assert "a.db" in files(workspace)


def test_a_rehearsal_may_read_a_file_in_the_workspace(tmp_path: Path) -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path)}
    InertOutside(environ).database(str(tmp_path / "a.db")).dispose()
    assert files(tmp_path) == []


@OPENERS
def test_a_server_needs_the_extra_and_its_password_is_not_shown(
    opened: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    error = problem(opened, "postgresql://team:se@cret@db.example/dictionary")
    expected = "the dictionary postgresql://team:***@db.example/dictionary needs the extra postgres"
    assert str(error) == expected
    assert "ci-steps[postgres]" in error.hint


# What cannot be opened.


@OPENERS
def test_a_folder_is_no_dictionary(tmp_path: Path, opened: Callable[[str], object]) -> None:
    assert str(problem(opened, str(tmp_path))) == (
        f"cannot open the dictionary {tmp_path}: it is a folder"
    )


@OPENERS
def test_a_file_of_something_else_is_no_dictionary_and_stays_as_it_is(
    tmp_path: Path, opened: Callable[[str], object]
) -> None:
    path = tmp_path / "ci-steps.yaml"
    path.write_text("service: auth\n" * 100)
    error = problem(opened, str(path))
    assert str(error) == f"{path} is not a dictionary: the file is not a database"
    assert path.read_text() == "service: auth\n" * 100
    assert files(tmp_path) == ["ci-steps.yaml"]


@OPENERS
def test_a_path_through_a_file_is_an_error(tmp_path: Path, opened: Callable[[str], object]) -> None:
    (tmp_path / "file").write_text("")
    error = problem(opened, str(tmp_path / "file" / "dictionary.db"))
    assert "dictionary.db: Not a directory" in str(error) or "File exists" in str(error)


def test_a_damaged_dictionary_says_so(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.db"
    with dictionary_at(str(path)) as dictionary:
        ship(dictionary, "auth 1.1")
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with (
        pytest.raises(DictionaryError, match=r"dictionary.db is damaged"),
        dictionary_at(str(path)) as damaged,
    ):
        damaged.live()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="ci-steps-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def not_as_root() -> Iterator[None]:
    """Be nobody for a while: root may write everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def said_when_writing(path: Path) -> str:
    with not_as_root(), pytest.raises(DictionaryError) as raised, dictionary_at(str(path)) as it:
        it.record_service(Service("gis"))
    return str(raised.value)


def test_a_read_only_file_says_so_and_can_be_read(open_folder: Path) -> None:
    path = open_folder / "dictionary.db"
    open_folder.chmod(0o777)
    with dictionary_at(str(path)):
        pass
    path.chmod(0o444)
    expected = f"cannot write the dictionary {path}: the file or its folder is read-only"
    assert said_when_writing(path) == expected
    with not_as_root(), dictionary_at(str(path)) as dictionary:
        assert names(dictionary) == []


def test_a_read_only_folder_says_so(open_folder: Path) -> None:
    path = open_folder / "dictionary.db"
    with dictionary_at(str(path)):
        pass
    path.chmod(0o666)
    open_folder.chmod(0o555)
    expected = f"cannot write the dictionary {path}: the file or its folder is read-only"
    assert said_when_writing(path) == expected


@OPENERS
def test_a_file_that_may_not_be_read_says_so(
    open_folder: Path, opened: Callable[[str], object]
) -> None:
    path = open_folder / "dictionary.db"
    with dictionary_at(str(path)):
        pass
    path.chmod(0)
    with not_as_root():
        error = problem(opened, str(path))
    expected = f"cannot open the dictionary {path}: the file or its folder is not accessible"
    assert str(error) == expected


@OPENERS
def test_a_folder_that_may_not_be_entered_says_so(
    open_folder: Path, opened: Callable[[str], object]
) -> None:
    open_folder.chmod(0)
    with not_as_root():
        error = problem(opened, str(open_folder / "dictionary.db"))
    assert "dictionary.db" in str(error)
    assert "Permission denied" in str(error) or "not accessible" in str(error)


def test_a_folder_that_cannot_be_made_says_so(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    path = open_folder / "new" / "dictionary.db"
    expected = f"cannot make the folder of the dictionary {path}: Permission denied"
    assert said_when_writing(path) == expected


@pytest.mark.parametrize("is_open_elsewhere", [False, True])
def test_a_rehearsal_reads_a_dictionary_it_may_not_write(
    open_folder: Path, *, is_open_elsewhere: bool
) -> None:
    path = open_folder / "dictionary.db"
    with dictionary_at(str(path)) as dictionary:
        dictionary.record_service(Service("auth"))
        if not is_open_elsewhere:
            dictionary.close()
        for file in open_folder.iterdir():
            file.chmod(0o444)
        open_folder.chmod(0o555)
        before = files(open_folder)
        assert len(before) == (3 if is_open_elsewhere else 1)
        with not_as_root(), Dictionary.open(open_copy(str(path))) as copy:
            assert names(copy) == ["auth"]
        assert files(open_folder) == before
        open_folder.chmod(0o755)


# Copies.


def test_what_a_rehearsal_writes_never_reaches_the_original(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.db"
    with dictionary_at(str(path)) as dictionary:
        dictionary.record_service(Service("auth"))
    before = path.read_bytes(), path.stat().st_mtime_ns
    with Dictionary.open(open_copy(str(path))) as copy:
        copy.record_service(Service("gis"))
        assert names(copy) == ["auth", "gis"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert files(tmp_path) == ["dictionary.db"]


def test_a_copy_has_what_was_written_a_moment_ago_and_nothing_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.db"
    with dictionary_at(str(path)) as dictionary:
        dictionary.record_service(Service("auth"))
        with dictionary.writing():
            dictionary.record_service(Service("gis"))
            with Dictionary.open(open_copy(str(path))) as copy:
                assert names(copy) == ["auth"]


def test_a_rehearsal_without_a_dictionary_begins_with_an_empty_one(tmp_path: Path) -> None:
    with Dictionary.open(open_copy(str(tmp_path / "new" / "dictionary.db"))) as copy:
        copy.record_service(Service("auth"))
        assert names(copy) == ["auth"]
    assert files(tmp_path) == []


# Locks.


def test_somebody_who_writes_for_too_long_is_an_error_and_readers_go_on(tmp_path: Path) -> None:
    path = str(tmp_path / "dictionary.db")
    with dictionary_at(path) as writer, writer.writing():
        writer.record_service(Service("auth"))
        with Dictionary.open(open_database(path, lock_seconds=0.1)) as other:
            assert names(other) == []
            with pytest.raises(DictionaryError, match=r"dictionary.db is locked"):
                other.record_service(Service("gis"))


def test_reading_takes_no_lock_and_writing_takes_it_at_once(tmp_path: Path) -> None:
    engine = open_database(str(tmp_path / "dictionary.db"), lock_seconds=0.1)
    writer = engine.execution_options(**{WRITING: True})
    with engine.connect() as reading, reading.begin(), writer.connect() as writing, writing.begin():
        reading.execute(text("SELECT * FROM sqlite_master"))
        with pytest.raises(Exception, match="database is locked"), writer.connect() as late:
            late.begin()
    engine.dispose()


def test_a_file_keeps_its_readers_going_while_somebody_writes(tmp_path: Path) -> None:
    engine = open_database(str(tmp_path / "dictionary.db"))
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() == 10_000
    engine.dispose()
