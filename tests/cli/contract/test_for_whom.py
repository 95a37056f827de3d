"""`ci-steps contract diff --for`: only what touches one dependent, and what is left out is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at
from tests.parts.shop import check_answer
from tests.parts.uses import NEWER, OLD, described, using
from tests.parts.verdicts import run_in

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.dictionary.store import Dictionary


class Desk:
    """A person with two descriptions of one API, and perhaps a dictionary."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path, capsys

    def diff(self, *arguments: str) -> Ended:
        given = ("old.graphql", "new.graphql") if arguments[0].startswith("-") else ()
        return typed(self._capsys, "contract", "diff", *given, *arguments)

    def says(self, text: str) -> None:
        (self.path / "gis").mkdir(exist_ok=True)
        (self.path / "gis" / "ci-steps.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(tmp_path / "dictionary.db"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.graphql").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.graphql").write_text(NEWER, encoding="utf-8")
    return Desk(tmp_path, capsys)


@pytest.fixture
def dictionary(tmp_path: Path) -> Dictionary:
    with dictionary_at(str(tmp_path / "dictionary.db")) as opened:
        return opened


STREET = "service: gis\nuses: {auth: [Query.street]}\n"


def test_people_read_what_touches_and_how_much_does_not(desk: Desk) -> None:
    desk.says(STREET)
    ended = desk.diff("--for", "gis/ci-steps.yaml")
    assert ended.status == 1
    assert "Field Query.street was removed" in ended.out
    assert "Query.town" not in ended.out
    assert ended.out.endswith("1 breaking\n1 change does not touch gis\n")


def test_the_exit_status_is_about_what_is_left(desk: Desk) -> None:
    desk.says("service: gis\nuses: {auth: [Query.name]}\n")
    ended = desk.diff("--for", "gis/ci-steps.yaml")
    assert (ended.status, ended.out) == (
        0,
        "no change that callers notice\n2 changes do not touch gis\n",
    )


def test_scripts_read_for_whom_and_how_many_were_left_out(desk: Desk) -> None:
    desk.says(STREET)
    ended = desk.diff("--for", "gis/ci-steps.yaml", "--json")
    check_answer(ended.document)
    assert [one["subject"] for one in ended.document["changes"]] == ["Query.street"]
    assert ended.document["for"] == {
        "dependent": "gis",
        "provider": "auth",
        "known": True,
        "untouched": 1,
        "doubts": [],
    }
    plain = desk.diff("--json")
    check_answer(plain.document)
    assert plain.document["for"] is None


def test_pages_and_code_scanning_say_it_too(desk: Desk) -> None:
    desk.says(STREET)
    assert "\n1 change does not touch gis\n" in desk.diff("--for", "gis/", "--markdown").out
    (run,) = json.loads(desk.diff("--for", "gis/", "--sarif").out)["runs"]
    assert len(run["results"]) == 1
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "1 change does not touch gis"


def test_what_the_contract_does_not_have_is_said_and_everything_is_listed(desk: Desk) -> None:
    desk.says("service: gis\nuses: {auth: [Query.strete]}\n")
    ended = desk.diff("--for", "gis/ci-steps.yaml")
    assert ended.status == 1
    assert ended.out.splitlines()[-4:] == [
        "2 breaking",
        "0 changes do not touch gis",
        "not known: Query.strete is not in the contract, did you mean Query.street?",
        "in doubt a change is listed",
    ]


def test_a_live_dependent_is_read_from_the_dictionary(desk: Desk, dictionary: Dictionary) -> None:
    with dictionary_at(str(desk.path / "dictionary.db")) as opened:
        digest = described(opened, OLD)
        run_in(opened, f"auth 1.1 #{digest}", "mail 1.0: auth-1.1", "hub 1.0: auth-1 gis-1")
        using(opened, "gis 1.1", "auth-1.1", "Query.street")
    ended = desk.diff("auth@1.1", "new.graphql", "--for", "gis")
    assert (ended.status, ended.out.splitlines()[-1]) == (1, "1 change does not touch gis")
    ended = desk.diff("auth@1.1", "new.graphql", "--for", "mail", "--json")
    assert (ended.status, len(ended.document["changes"])) == (1, 2)
    assert ended.document["for"]["known"] is False
    ended = desk.diff("auth@1.1", "new.graphql", "--for", "mail")
    assert (
        ended.out.splitlines()[-1] == "what mail uses of auth is not known: every change is listed"
    )
    assert desk.diff("--for", "gis").out.splitlines()[-1] == "1 change does not touch gis"
    for arguments, problem in (
        (("--for", "gsi"), "unknown service 'gsi', did you mean gis?"),
        (("--for", "gis", "--provider", "mail"), "no live version of gis needs mail"),
        (("--for", "hub"), "hub needs auth, gis: which of them is compared is not known"),
    ):
        ended = desk.diff(*arguments)
        assert (ended.status, problem in ended.err) == (2, True), ended.err


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("service: gis\nuses: {auth: [GTE /a]}\n", "gis/ci-steps.yaml:2: uses.auth[0]: 'GTE /a'"),
        ("service: gis\nuses: {auth: {pakt: p}}\n", "gis/ci-steps.yaml:2: uses.auth.pakt: unknown"),
        ("service: gis\nuses: {auth: {pact: p.json}}\n", "uses.auth.pact: p.json: no such file"),
        ("service: gis\nuses: {a: [X], b: [X]}\n", "gis needs a, b: which of them is compared"),
    ],
)
def test_a_file_that_is_wrong_says_where(desk: Desk, text: str, problem: str) -> None:
    desk.says(text)
    ended = desk.diff("--for", "gis/ci-steps.yaml")
    assert (ended.status, problem in ended.err) == (2, True), ended.err


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "p.json: cannot be read: no such file or directory"),
        (b"{", "p.json:1: is not JSON"),
        (b"{}", "p.json: is not a pact: it has neither interactions nor messages"),
        (b"\xff", "p.json: is not UTF-8"),
    ],
)
def test_a_pact_that_is_wrong_says_how(desk: Desk, content: bytes | None, problem: str) -> None:
    if content is not None:
        (desk.path / "p.json").write_bytes(content)
    ended = desk.diff("--for", "pact:p.json")
    assert (ended.status, problem in ended.err) == (2, True), ended.err


PATHS = """\
openapi: 3.0.3
info: {title: auth, version: '1'}
paths:
  /tokens/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: a token
          content:
            application/json:
              schema:
                type: object
                properties:
                  value: {type: string}
                  expires: {type: integer}
  /login:
    post: {responses: {'201': {description: in}}}
"""
PACT = {
    "interactions": [
        {
            "description": "a token",
            "request": {"method": "GET", "path": "/tokens/42"},
            "response": {"status": 200, "body": {"value": "v"}},
        }
    ],
    "metadata": {"pactSpecification": {"version": "2.0.0"}},
}


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ("expires: {type: integer}", "note: {type: string}", 0, "1 change does not touch"),
        ("value: {type: string}", "value: {type: integer}", 1, "0 changes do not touch"),
        ("    post: {responses", "    put: {responses", 0, "2 changes do not touch"),
    ],
)
def test_a_pact_leaves_out_what_its_consumer_does_not_use(
    desk: Desk, old: str, new: str, status: int, said: str
) -> None:
    (desk.path / "old.yaml").write_text(PATHS, encoding="utf-8")
    (desk.path / "new.yaml").write_text(PATHS.replace(old, new), encoding="utf-8")
    (desk.path / "gis.json").write_text(json.dumps(PACT), encoding="utf-8")
    ended = desk.diff("old.yaml", "new.yaml", "--for", "pact:gis.json")
    assert (ended.status, ended.err) == (status, "")
    assert f"{said} the consumer of gis.json" in ended.out
