"""A pull request learns what its version would mean; the dictionary is only read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import DictionaryError, NoDictionaryError
from ci_steps.model import Contact, Owner, Service
from ci_steps.outside.databases.opening import open_to_read
from tests.parts.commands import Ended, called, service
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.git import HAS_GIT, WITHOUT_GIT
from tests.parts.shop import check_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

needs_git = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

SERVICE = """\
service: auth
owner: auth-team
version: {text: %s}
pipeline: [deploy staging, deploy production]
environments:
  staging: {target: {command: {command: ["true"], proof: exit}}}
  production: {production: true, target: {command: {command: ["true"], proof: exit}}}
"""


def fill(url: str) -> None:
    """Let auth 1.1.0 run, with gis that needs it and is owned, and web that nobody owns."""
    with dictionary_at(url) as dictionary:
        ship(dictionary, "auth 1.1.0")
        ship(dictionary, "gis v1_20171001-2", "auth-1.1")
        ship(dictionary, "web 201610", "auth-1.1")
        team = Owner("gis-team", contacts=(Contact("slack", "#gis|<!channel>"),))
        dictionary.record_owner(team)
        dictionary.record_service(Service("gis", "gis-team"))


def asked(folder: Path, version: str, url: str, *more: str, **environ: str) -> Ended:
    root = folder / "auth"
    if not root.exists():
        service(root, SERVICE % f"'{version}'")
    flags = ("--dictionary", url) if url else ()
    return called(root, "rehearse", "--pull-request", *flags, *more, more=environ)


def document(ended: Ended) -> dict[str, Any]:
    check_answer(ended.document)
    found: dict[str, Any] = ended.document
    return found


@needs_git
@pytest.mark.slow
def test_a_major_says_who_must_move_and_who_is_told(tmp_path: Path, postgres_url: str) -> None:
    fill(postgres_url)
    ended = asked(tmp_path, "2.0.0", postgres_url, "--json")
    found = document(ended)
    assert (ended.status, found["verdict"], found["bump"]) == (0, "yes", "major")
    assert [(hit["service"], hit["owner"]) for hit in found["hit"]] == [
        ("web", ""),
        ("gis", "gis-team"),
    ]
    assert [one["contacts"] for one in found["told"]] == [[], ["slack #gis|<!channel>"]]


@needs_git
def test_a_rehearsal_in_a_pull_request_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    url = tmp_path / "d" / "d.db"
    fill(str(url))
    before = hashlib.sha256(url.read_bytes()).hexdigest()
    assert asked(tmp_path, "2.0.0", str(url)).status == 0
    assert hashlib.sha256(url.read_bytes()).hexdigest() == before
    assert [path.name for path in url.parent.iterdir()] == ["d.db"]


@needs_git
def test_the_comment_holds_no_markup_of_strangers(tmp_path: Path) -> None:
    url = str(tmp_path / "d.db")
    fill(url)
    said = asked(tmp_path, "2.0.0", url, "--markdown").out
    assert said.startswith("### If auth 2.0.0 ships\n")
    assert "<!channel>" not in said
    rows = [line for line in said.splitlines() if "gis-team" in line]
    assert [line.replace("\\|", "").count("|") for line in rows] == [6, 4]


@needs_git
@pytest.mark.parametrize(
    ("rollback", "said"),
    [
        ("Stop auth and restore it.", "it has a rollback note"),
        ("''", "there is no rollback note, so that the gate rollback-note refuses it"),
    ],
)
def test_a_change_of_the_database_that_cannot_be_undone_is_mentioned(
    tmp_path: Path, rollback: str, said: str
) -> None:
    url = str(tmp_path / "d.db")
    fill(url)
    text = f"database: {{change: breaking, rollback: {rollback}}}\n"
    service(tmp_path / "auth", SERVICE % "'1.2.0'" + text)
    assert (
        "staging and production: this release changes its database in a way that cannot be undone, "
        f"and is not rolled back; {said}"
    ) in asked(tmp_path, "1.2.0", url).out
    found = document(asked(tmp_path, "1.2.0", url, "--json"))
    assert (found["irreversible"], found["database"]["since"]) == (
        ["staging", "production"],
        "1.2.0",
    )


@needs_git
def test_a_version_that_is_taken_is_no(tmp_path: Path) -> None:
    url = str(tmp_path / "d.db")
    fill(url)
    ended = asked(tmp_path, "1.1.0", url)
    assert ended.status == 1
    assert "no: auth 1.1.0: auth 1.1.0 is already released from commit c1" in ended.out


@needs_git
@pytest.mark.parametrize(
    ("environ", "status", "said"),
    [
        ({}, 0, "there is no dictionary at "),
        ({"CI_STEPS_DICTIONARY": ""}, 0, "there is no dictionary at "),
        ({"CI_STEPS_DICTIONARY": "postgresql://ci:hush@127.0.0.1:1/d"}, 3, "does not answer"),
    ],
    ids=["a fork", "a fork with an empty secret", "a server that is away"],
)
def test_without_a_dictionary_nothing_is_known_and_that_is_said(
    tmp_path: Path, environ: Mapping[str, str], status: int, said: str
) -> None:
    ended = asked(tmp_path, "2.0.0", "", "--json", **environ)
    found = document(ended)
    assert (ended.status, found["verdict"], found["hit"]) == (status, "unknown", [])
    assert said in found["unknown"]
    assert "hush" not in ended.out + ended.err


@needs_git
def test_it_goes_with_no_choice_of_steps(tmp_path: Path) -> None:
    ended = asked(tmp_path, "2.0.0", "", "--only", "unit-test")
    assert (ended.status, ended.out) == (2, "")
    assert "--pull-request, --markdown and --comment visit no step" in ended.err


def test_nothing_can_be_written_through_a_dictionary_that_is_read(postgres_url: str) -> None:
    fill(postgres_url)
    with Dictionary.open_to_read(open_to_read(postgres_url)) as dictionary:
        assert dictionary.is_read_only
        assert len(dictionary.live("production")) == 3
        with pytest.raises(DictionaryError), dictionary.writing() as connection:
            connection.execute(text("DELETE FROM deployment"))


def test_one_that_is_being_written_is_read_too(tmp_path: Path) -> None:
    url = str(tmp_path / "d.db")
    fill(url)
    with dictionary_at(url) as writer:
        ship(writer, "mail 201610")
        with Dictionary.open_to_read(open_to_read(url)) as dictionary:
            assert len(dictionary.live("production")) == 4


def test_one_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NoDictionaryError, match="there is no dictionary at"):
        open_to_read(str(tmp_path / "d.db"))
    assert list(tmp_path.iterdir()) == []


def test_an_older_one_is_left_to_those_who_write(tmp_path: Path) -> None:
    url = str(tmp_path / "d.db")
    with dictionary_at(url) as dictionary, dictionary.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(DictionaryError, match="has the tables of an older ci-steps"):
        Dictionary.open_to_read(open_to_read(url))
    assert [path.name for path in tmp_path.iterdir()] == ["d.db"]
