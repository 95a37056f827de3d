"""`ci-steps notices who`, `preview` and `ack`, as people type them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from ci_steps.dictionary.tables import event, obligation, outbox
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.notices import owns

if TYPE_CHECKING:
    from pathlib import Path

NOTIFY = """\
notify:
  after_due: /v1 is switched off
  links: {Guide: 'https://{service}.shop.example/{line}'}
  templates: words
  channels: {file: {}}
"""


class Typing:
    """A folder with a dictionary in which gis needs auth-1, and what is typed there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.url = str(folder / "dictionary.db")
        with dictionary_at(self.url) as dictionary:
            owns(dictionary, "gis-team", ["gis", "geo"], "slack #gis", "email gis@shop.example")
            owns(dictionary, "auth-team", ["auth"], "email auth@shop.example")
            ship(dictionary, "auth 1.1")
            ship(dictionary, "gis 1.0", "auth-1.1")
            ship(dictionary, "geo v1_20171001-1")

    def type(self, *arguments: str) -> Ended:
        return typed(self._capsys, "notices", *arguments)

    def written(self) -> int:
        """Return how much about notices is in the dictionary."""
        with dictionary_at(self.url) as dictionary, dictionary.reading() as connection:
            tables = (event, obligation, outbox)
            return sum(len(connection.execute(select(table)).all()) for table in tables)


@pytest.fixture
def typing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typing:
    monkeypatch.chdir(tmp_path)
    made = Typing(tmp_path, capsys)
    monkeypatch.setenv("CI_STEPS_DICTIONARY", made.url)
    return made


@pytest.mark.parametrize("line", ["2", "v2", "2.0.0"])
def test_a_line_that_is_not_there_yet_says_whom_it_would_oblige(typing: Typing, line: str) -> None:
    said = typing.type("who", "auth", line, "--expect", "gis-team")
    assert said.status == 0
    assert "line 2 instead of 1" in said.out
    assert typing.written() == 0


def test_who_is_not_as_expected_is_said_and_ends_with_one(typing: Typing) -> None:
    said = typing.type("who", "auth", "2", "--expect", "web-team")
    assert said.status == 1
    assert "warning: web-team was expected and is not told" in said.err
    assert "warning: gis-team is told and was not expected" in said.err


def test_a_preview_is_the_message_and_leaves_nothing_behind(typing: Typing) -> None:
    text = typing.type("preview", "auth", "2").out
    assert text.startswith("Subject: [action by ")
    assert text.count("YOURS TO UPDATE (1)\n  - gis needs auth-1.1\n") == 1
    slack = json.loads(typing.type("preview", "auth", "2", "--as", "slack").out)
    assert slack["blocks"][0]["text"]["text"] == "Move gis to auth-2"
    assert typing.type("preview", "auth", "2", "--as", "html").out.startswith("<!DOCTYPE html>")
    assert typing.written() == 0


def test_a_preview_has_the_terms_and_the_words_of_the_file_that_is_there(typing: Typing) -> None:
    (typing.folder / "words").mkdir()
    (typing.folder / "words" / "due.txt.jinja").write_text("Today: {{ page.headline }}")
    (typing.folder / "ci-steps.yaml").write_text(NOTIFY)
    said = typing.type("preview", "auth", "2").out
    assert "That day /v1 is switched off." in said
    assert "https://auth.shop.example/2\n" in said
    assert "Today: Move gis to auth-2" in typing.type("preview", "auth", "2", "--stage", "due").out


def test_of_whom_nothing_is_asked_is_said(typing: Typing) -> None:
    said = typing.type("preview", "auth", "2", "--to", "auth-team")
    assert said.out == "auth 2 obliges nobody of auth-team\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("preview", "auht", "2"), "error: unknown service 'auht', did you mean auth?"),
        (
            ("preview", "auth", "2", "--to", "gis-taem"),
            "error: unknown owner 'gis-taem', did you mean gis-team?",
        ),
        (("preview", "auth", "x2"), "error: 'x2' is not a version"),
        (("preview", "auth", "2", "prod"), "error: unknown environment 'prod'"),
        (("preview", "auth", "2", "--config", "no.yaml"), "error: no.yaml: no such file"),
        (
            ("ack", "auth-2/production/gis-team", "--until", "2100-01-01", "--reason", "x"),
            "error: nothing is open under 'auth-2/production/gis-team'",
        ),
        (("ack", "auth-2", "--until", "soon", "--reason", "x"), "error: invalid value for"),
    ],
)
def test_what_cannot_be_ends_with_two_and_a_hint(
    typing: Typing, arguments: tuple[str, ...], error: str
) -> None:
    said = typing.type(*arguments)
    assert said.status == 2
    assert said.err.startswith(error)


def test_the_preview_says_that_the_database_cannot_be_brought_back(typing: Typing) -> None:
    (typing.folder / "ci-steps.yaml").write_text("service: auth\ndatabase: breaking\n")
    for form in ("text", "slack", "html"):
        said = typing.type("preview", "auth", "2", "--as", form).out
        assert "changes its database in a way that cannot be undone" in " ".join(said.split())


def test_what_the_file_of_another_service_says_of_its_database_is_not_said(typing: Typing) -> None:
    (typing.folder / "ci-steps.yaml").write_text("service: gis\ndatabase: breaking\n")
    said = typing.type("preview", "auth", "2").out
    assert "update gis" in said
    assert "its database" not in said
