"""`ci-steps contract diff`: the same changes in each form, and an exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ci_steps.dictionary.contracts.kept import keep_contract
from ci_steps.dictionary.release_recording import put_release
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import NOON, dictionary_at, release
from tests.parts.shop import check_answer

if TYPE_CHECKING:
    from pathlib import Path

OLD = "type Query {\n  name: String\n  street: String\n}\n"
NEW = "type Query {\n  name: String\n}\n"


class Desk:
    """A person with two descriptions of one API."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path, capsys

    def diff(self, *arguments: str) -> Ended:
        return typed(self._capsys, "contract", "diff", *arguments)


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(tmp_path / "dictionary.db"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.graphql").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.graphql").write_text(NEW, encoding="utf-8")
    return Desk(tmp_path, capsys)


def test_people_read_what_breaks_and_where(desk: Desk) -> None:
    ended = desk.diff("old.graphql", "new.graphql")
    assert ended.status == 1
    assert "Field Query.street was removed" in ended.out
    assert "new.graphql:1" in ended.out
    assert ended.out.rstrip().endswith("1 breaking")


def test_no_change_is_said_and_is_a_yes(desk: Desk) -> None:
    ended = desk.diff("old.graphql", "old.graphql")
    assert (ended.status, ended.out.strip()) == (0, "no change that callers notice")


@pytest.mark.parametrize(
    ("old", "new", "fail_on", "status"),
    [
        (OLD, NEW, "breaking", 1),
        (OLD, NEW, "warning", 1),
        (OLD, NEW, "never", 0),
        (NEW, OLD, "breaking", 0),
        (NEW, OLD, "warning", 0),
        ("enum A {X}\ntype Query {a: A}", "enum A {X Y}\ntype Query {a: A}", "breaking", 0),
        ("enum A {X}\ntype Query {a: A}", "enum A {X Y}\ntype Query {a: A}", "warning", 1),
    ],
)
def test_the_least_level_that_fails_is_chosen(
    desk: Desk, old: str, new: str, fail_on: str, status: int
) -> None:
    (desk.path / "old.graphql").write_text(old, encoding="utf-8")
    (desk.path / "new.graphql").write_text(new, encoding="utf-8")
    assert desk.diff("old.graphql", "new.graphql", "--fail-on", fail_on).status == status


def test_scripts_read_json(desk: Desk) -> None:
    ended = desk.diff("old.graphql", "new.graphql", "--json")
    check_answer(ended.document)
    assert ended.status == 1
    (change,) = ended.document["changes"]
    assert (change["rule"], change["level"]) == ("graphql-field-removed", "breaking")
    assert (change["old"]["file"], change["old"]["line"]) == ("old.graphql", 3)


def test_code_scanning_reads_sarif(desk: Desk) -> None:
    ended = desk.diff("old.graphql", "new.graphql", "--sarif")
    (run,) = json.loads(ended.out)["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("graphql-field-removed", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] in {"old.graphql", "new.graphql"}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["graphql-field-removed"]


def test_pages_show_markdown_in_which_nothing_of_a_contract_is_taken_for_markup(desk: Desk) -> None:
    (desk.path / "<b>.graphql").write_text(OLD, encoding="utf-8")
    ended = desk.diff("<b>.graphql", "new.graphql", "--markdown")
    assert "<b>" not in ended.out
    assert "### Breaking\n\n- Field Query.street was removed" in ended.out


def test_what_is_not_of_one_format_is_an_error_and_not_no_change(desk: Desk) -> None:
    (desk.path / "api.thrift").write_text("struct A { 1: i32 b }", encoding="utf-8")
    ended = desk.diff("old.graphql", "api.thrift")
    assert ended.status == 2
    assert "old.graphql is graphql and api.thrift is thrift" in ended.err
    (desk.path / "api.txt").write_text("anything", encoding="utf-8")
    ended = desk.diff("old.graphql", "api.txt")
    assert ended.status == 2
    assert "api.txt: its format is not known" in ended.err


def test_a_format_that_is_not_known_says_which_are(desk: Desk) -> None:
    ended = desk.diff("old.graphql", "new.graphql", "--format", "graphq")
    assert ended.status == 2
    assert "unknown format 'graphq', did you mean graphql?" in ended.err


def test_a_release_is_read_from_the_dictionary(desk: Desk) -> None:
    url = str(desk.path / "dictionary.db")
    with dictionary_at(url) as dictionary, dictionary.writing() as connection:
        digest = keep_contract(connection, "api.graphql", {"api.graphql": OLD.encode()})
        put_release(connection, release("gis 1.1", contract=digest), NOON)
        put_release(connection, release("gis 1.2"), NOON)
    ended = desk.diff("gis@1.1", "new.graphql", "--json")
    assert ended.status == 1
    assert ended.document["old"] == "gis@1.1"
    assert ended.document["changes"][0]["old"]["file"] == "api.graphql"
    for written, problem in (
        ("gis@1.2", "the dictionary has no contract of gis 1.2"),
        ("gis@1.3", "gis 1.3 was never recorded"),
        ("gsi@1.1", "unknown service 'gsi', did you mean gis?"),
    ):
        ended = desk.diff(written, "new.graphql")
        assert (ended.status, problem in ended.err) == (2, True), ended.err


def many(desk: Desk, count: int) -> None:
    """Write two descriptions of OpenAPI; *count* operations reach one type that changed twice."""
    paths = "".join(
        f"  /path-number-{number}: {{get: {{responses: {{'200': {{description: '',"
        " content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}}\n"
        for number in range(count)
    )
    for name, types in (("old", "{a: {type: string}, b: {type: string}}"), ("new", "{}")):
        schema = f"components: {{schemas: {{A: {{type: object, properties: {types}}}}}}}\n"
        text = f"openapi: 3.0.3\npaths:\n{paths}{schema}"
        (desk.path / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_a_list_of_operations_is_there_once_however_many_changes_they_reach(desk: Desk) -> None:
    many(desk, 70)
    document = desk.diff("old.yaml", "new.yaml", "--json").document
    check_answer(document)
    assert [change["reached_by"] for change in document["changes"]] == [0, 0]
    (operations,) = document["operations"]
    assert operations == [f"GET /path-number-{number}" for number in range(70)]


def test_of_many_changes_the_worst_are_listed_and_all_are_counted(desk: Desk) -> None:
    many(desk, 70)
    (desk.path / "new.yaml").write_text("openapi: 3.0.3\npaths: {}\n", encoding="utf-8")
    ended = desk.diff("old.yaml", "new.yaml")
    assert ended.out.count(" breaking   api-path-removed") == 50 + 1
    assert "api-path-removed-without-deprecation   70" in ended.out
    assert ended.out.endswith("20 more changes are not listed: --all lists every change\n")
    everything = desk.diff("old.yaml", "new.yaml", "--all").out
    assert (everything.count(" breaking   api-path"), "more" in everything) == (70, False)


def test_markdown_fits_into_a_comment_and_says_what_does_not(desk: Desk) -> None:
    many(desk, 1_500)
    (desk.path / "new.yaml").write_text("openapi: 3.0.3\npaths: {}\n", encoding="utf-8")
    told = desk.diff("old.yaml", "new.yaml", "--markdown").out
    listed = told.count("\n- GET ")
    assert 59_000 < len(told) < 65_536
    assert f"\n{1_500 - listed} more changes are not listed: `--json` lists" in told.replace(
        ",", ""
    )


def test_code_scanning_reads_a_sentence_that_says_once_what_it_is_about(desk: Desk) -> None:
    many(desk, 1)
    (run,) = json.loads(desk.diff("old.yaml", "new.yaml", "--sarif").out)["runs"]
    told = [result["message"]["text"] for result in run["results"]]
    assert told == [
        f"the schema A in a response: the property `{name}` was removed"
        " (reached by GET /path-number-0)"
        for name in ("a", "b")
    ]
