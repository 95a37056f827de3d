"""Every rule of a change log is broken once, and said at its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ci_steps.changelog.checking import fragment_problems, problems_of
from ci_steps.changelog.files import Placed
from ci_steps.changelog.fragments import Fragment, parse
from ci_steps.errors import Problem
from ci_steps.versions import parse_version
from ci_steps.writing.indented_json import indented
from tests.parts.changelogs import amendment, change, document, item, read, release
from tests.parts.dictionaries import NOON

Edit = Callable[[dict[str, Any]], Any]


def problems(edit: Edit, *, against: bool = False, known: bool = False) -> list[Problem]:
    """Return what is wrong after an edit, perhaps of what was published or is known."""
    content = document()
    edit(content)
    original = read(document()).value
    return list(
        problems_of(read(content), NOON, original if against else None, original if known else None)
    )


def line_of(content: dict[str, Any], key: str) -> int:
    """Return the line of the last key of a path, found in the text by itself."""
    marked = json.loads(json.dumps(content))
    inner: Any = marked
    parts = key.replace("[", ".").replace("]", "").split(".")
    for part in parts[:-1]:
        inner = inner[int(part) if part.isdigit() else part]
    inner[parts[-1]] = "HERE"
    text = indented(marked)
    return next(at for at, line in enumerate(text.splitlines(), 1) if '"HERE"' in line)


def first_plan(**values: Any) -> Edit:
    return lambda log: log["plan"][0].update(values)


def test_the_document_of_these_tests_breaks_no_rule() -> None:
    assert problems(lambda log: None, against=True, known=True) == []


@pytest.mark.parametrize(
    ("edit", "key", "text"),
    [
        pytest.param(
            lambda log: log["history"][1]["changes"].append(change("removed", "GET /x")),
            "history[1].changes[1].sort",
            "GET /x is removed in a bugfix, which takes nothing away: 1.1.1",
            id="a bugfix with a removal",
        ),
        pytest.param(
            lambda log: log["history"][1]["changes"].append(
                change("changed", "GET /x", severity="breaking", rule="x")
            ),
            "history[1].changes[1].sort",
            "GET /x breaks callers, in a bugfix: 1.1.1",
            id="a bugfix that breaks",
        ),
        pytest.param(
            lambda log: log["history"][1]["changes"].append(
                change("changed", "GET /x", severity="warning", rule="x")
            ),
            "history[1].changes[1].sort",
            "GET /x may break callers, in a bugfix: 1.1.1",
            id="a bugfix that may break",
        ),
        pytest.param(
            lambda log: log["history"][0]["changes"].extend(
                [change("added", "GET /x"), change("deprecated", "GET /x")]
            ),
            "history[0].changes[2].sort",
            "GET /x arrives in 2.0.0 and is deprecated already",
            id="it arrives deprecated",
        ),
        pytest.param(
            lambda log: log["history"][0].update(at="2017-10-01T12:06:00Z"),
            "history[0].at",
            "which is still to come",
            id="a release in the future",
        ),
        pytest.param(
            lambda log: log["history"][0].update(bump="feature"),
            "history[0].bump",
            "2.0.0 after 1.1.1 is major, not feature",
            id="a bump that is none",
        ),
        pytest.param(
            lambda log: log["history"].insert(0, log["history"][2]),
            "history[0].version",
            "1.1.0 stands before 2.0.0, which is newer",
            id="an order that is none",
        ),
        pytest.param(
            lambda log: log["history"].append(release("1.1", "first", "2017-07-01T12:00:00Z")),
            "history[3].version",
            "1.1 stands here for the second time",
            id="a version twice",
        ),
        pytest.param(
            first_plan(retire_on="2017-08-31", promised="2017-08-31"),
            "plan[0].retire_on",
            "2017-08-31 is before its announcement on 2017-09-01",
            id="an end before the announcement",
        ),
        pytest.param(
            first_plan(announced="2017-10-01T12:06:00Z"),
            "plan[0].announced",
            "is still to come",
            id="an announcement in the future",
        ),
        pytest.param(
            first_plan(deprecated="2017-12-24"),
            "plan[0].deprecated",
            "2017-12-24 is after its end on 2017-12-23",
            id="deprecated after its end",
        ),
        pytest.param(
            first_plan(retire_on="2018-01-15"),
            "plan[0].retire_on",
            "the day moved from 2017-12-23 to 2018-01-15, and no amendment says why",
            id="later without an amendment",
        ),
        pytest.param(
            first_plan(retire_on="2017-11-15"),
            "plan[0].retire_on",
            "earlier, and no amendment says that it is urgent",
            id="earlier without urgency",
        ),
        pytest.param(
            first_plan(
                retire_on="2017-11-15",
                amendments=[amendment("2017-12-23", "2017-11-15", "2017-09-02T09:00:00Z")],
            ),
            "plan[0].amendments[0].retire_on",
            "2017-11-15 is earlier than 2017-12-23, which was promised",
            id="an amendment to an earlier day that is not urgent",
        ),
        pytest.param(
            first_plan(
                retire_on="2018-01-15",
                amendments=[{**amendment("2017-12-24", "2018-01-15", "2017-09-02T09:00:00Z")}],
            ),
            "plan[0].promised",
            "2017-12-23, and the first day was 2017-12-24",
            id="a promise that was never made",
        ),
        pytest.param(
            first_plan(
                retire_on="2018-01-15",
                amendments=[amendment("2017-12-23", "2018-01-15", "2017-08-02T09:00:00Z")],
            ),
            "plan[0].amendments[0].at",
            "when the day was named last",
            id="an amendment before the announcement",
        ),
        pytest.param(
            lambda log: log["plan"].append(item()),
            "plan[2].subject",
            "the operation GET /old is planned already, in plan[0]",
            id="two items on one operation",
        ),
        pytest.param(
            lambda log: log["plan"].append(item("1", kind="line", environment="production")),
            "plan[2].subject",
            "the line 1 in production is planned already, in plan[1]",
            id="two items on one line",
        ),
        pytest.param(
            first_plan(status="due"),
            "plan[0].status",
            "'due' is not so on 2017-10-01: it is deprecated",
            id="a status that is not so",
        ),
        pytest.param(
            first_plan(environment="production"),
            "plan[0].environment",
            "only a line ends in one",
            id="an operation in one environment",
        ),
        pytest.param(
            lambda log: (
                log["history"][0]["changes"].append(change("added", "GET /late"))
                or log["plan"].append(item("GET /late", announced="2017-08-01T09:00:00Z"))
            ),
            "plan[2].announced",
            "the operation GET /late arrived with 2.0.0, and was deprecated already",
            id="a plan before its arrival",
        ),
        pytest.param(
            lambda log: log["plan"].append(
                item("2", kind="line", environment="production", announced="2017-08-01T09:00:00Z")
            ),
            "plan[2].announced",
            "the line 2 in production arrived with 2.0.0, and was deprecated already",
            id="a line that ends before it began",
        ),
        pytest.param(
            lambda log: log.update(at="2017-10-01T12:06:00Z"),
            "at",
            "is still to come",
            id="a document of tomorrow",
        ),
    ],
)
def test_a_broken_rule_is_said_at_its_line(edit: Edit, key: str, text: str) -> None:
    content = document()
    edit(content)
    found = {one.key: one for one in problems(edit)}
    assert key in found, sorted(found)
    assert text in found[key].text
    assert (found[key].file, found[key].line) == ("changelog.json", line_of(content, key))


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param(
            first_plan(
                retire_on="2018-01-15",
                amendments=[amendment("2017-12-23", "2018-01-15", "2017-09-02T09:00:00Z")],
            ),
            id="later with a reason",
        ),
        pytest.param(
            first_plan(
                retire_on="2017-11-15",
                amendments=[
                    amendment("2017-12-23", "2017-11-15", "2017-09-02T09:00:00Z", urgent=True)
                ],
            ),
            id="earlier, urgent",
        ),
        pytest.param(first_plan(retire_on=None, promised=None), id="no day yet"),
        pytest.param(
            lambda log: log["plan"].insert(0, item(status="withdrawn")), id="announced again"
        ),
        pytest.param(
            lambda log: log["history"][0]["changes"].append(
                change("changed", severity="breaking", rule="x")
            ),
            id="a major that breaks",
        ),
        pytest.param(
            first_plan(announced="2017-10-01T12:04:00Z", deprecated="2017-10-01"),
            id="clocks that differ by minutes",
        ),
    ],
)
def test_what_is_allowed_is_no_problem(moved: Edit) -> None:
    assert problems(moved) == []


@pytest.mark.parametrize(
    ("edit", "key", "text"),
    [
        pytest.param(
            lambda log: log["history"].pop(2) and log["history"][1].update(bump="first"),
            "history",
            "1.1.0 is gone: history only grows",
            id="a release erased",
        ),
        pytest.param(
            lambda log: log["history"][1].update(commit="other"),
            "history[1].commit",
            "1.1.1 had c1.1.1, not other",
            id="a release rewritten",
        ),
        pytest.param(
            lambda log: log["history"][0]["changes"].clear(),
            "history[0].changes",
            "DELETE /tokens is gone from 2.0.0",
            id="a change erased",
        ),
        pytest.param(
            lambda log: log["plan"].pop(0),
            "plan",
            "a plan is withdrawn, and stays",
            id="a plan erased",
        ),
        pytest.param(
            first_plan(promised="2018-01-15", retire_on="2018-01-15"),
            "plan[0].promised",
            "it was 2017-12-23, not 2018-01-15",
            id="a promise rewritten",
        ),
        pytest.param(
            lambda log: log.update(service="gis"),
            "service",
            "it was the change log of auth, not of gis",
            id="another service",
        ),
    ],
)
def test_what_was_published_stays(edit: Edit, key: str, text: str) -> None:
    found = {one.key: one.text for one in problems(edit, against=True)}
    assert text in found.get(key, str(found))


@pytest.mark.parametrize(
    "grown",
    [
        pytest.param(
            lambda log: log["history"].insert(
                0, release("2.0.1", "bugfix", "2017-09-09T12:00:00Z")
            ),
            id="a release more",
        ),
        pytest.param(
            lambda log: log["history"][1]["changes"].append(change("fixed", text="another")),
            id="a change more",
        ),
        pytest.param(
            lambda log: log["history"][1].update(tag="v1.1.1", digest="sha256:1"),
            id="what was not known",
        ),
        pytest.param(lambda log: log["plan"].append(item("GET /x")), id="a plan more"),
        pytest.param(first_plan(status="withdrawn"), id="a plan withdrawn"),
    ],
)
def test_history_and_plan_may_grow(grown: Edit) -> None:
    assert problems(grown, against=True) == []


@pytest.mark.parametrize(
    ("edit", "key", "text"),
    [
        pytest.param(
            lambda log: log["history"][0].update(commit="other"),
            "history[0].commit",
            "other, and the dictionary knows 2.0.0 with c2.0.0",
            id="a commit",
        ),
        pytest.param(
            lambda log: log["plan"].append(item("GET /x")),
            "plan[2]",
            "the dictionary knows no plan for the operation GET /x",
            id="a plan nobody made",
        ),
        pytest.param(
            first_plan(why="something else"),
            "plan[0].why",
            "something else; the dictionary: nobody uses it",
            id="a reason",
        ),
        pytest.param(
            lambda log: log["plan"].pop(0), "plan", "GET /old is missing", id="a plan left out"
        ),
    ],
)
def test_what_the_dictionary_says_otherwise_was_written_by_hand(
    edit: Edit, key: str, text: str
) -> None:
    found = {one.key: one.text for one in problems(edit, known=True)}
    assert text in found.get(key, str(found))


def test_a_day_that_was_moved_since_is_no_edit_by_hand() -> None:
    content = document()
    first_plan(
        retire_on="2018-01-15",
        amendments=[amendment("2017-12-23", "2018-01-15", "2017-10-01T12:00:01Z")],
    )(content)
    assert list(problems_of(read(document()), NOON, None, read(content).value)) == []


def fragment(text: str, name: str = "changelog.d/one.yaml") -> Placed[Fragment]:
    return parse(text, name)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param(
            "2.0.1",
            ["GET /x is removed in a bugfix, which takes nothing away: 2.0.1"],
            id="a bugfix",
        ),
        pytest.param("2.1.0", [], id="a feature"),
        pytest.param("3.0.0", [], id="a major"),
        pytest.param(
            "1.1.2",
            ["GET /x is removed in a bugfix, which takes nothing away: 1.1.2"],
            id="a bugfix of an older line",
        ),
        pytest.param("v1_20171001-1", [], id="another scheme"),
    ],
)
def test_a_removal_is_refused_where_it_was_written(version: str, expected: list[str]) -> None:
    wrote = [fragment("text: it is gone\nkind: removed\nwhat: GET /x\nmigration: Use GET /y.\n")]
    found = list(fragment_problems(wrote, read(document()).value, parse_version(version)))
    assert [one.text for one in found] == expected
    assert {(one.file, one.line, one.key) for one in found} <= {("changelog.d/one.yaml", 2, "kind")}


def test_what_was_released_may_lie_there_for_the_next_bugfix() -> None:
    wrote = [
        fragment("kind: removed\nwhat: DELETE /tokens\ntext: a sentence\nmigration: Leave it.\n")
    ]
    log = read(document()).value
    assert list(fragment_problems(wrote, log, parse_version("2.0.1"))) == []


def test_nothing_is_written_as_new_and_deprecated() -> None:
    wrote = [
        fragment("kind: added\nwhat: GET /x\ntext: new\n"),
        fragment("kind: deprecated\nwhat: GET /x\ntext: old\n", "changelog.d/two.yaml"),
    ]
    (found,) = fragment_problems(wrote, read(document()).value, parse_version("2.1.0"))
    assert str(found) == (
        "changelog.d/two.yaml:1: kind: GET /x arrives in 2.1.0 and is deprecated already"
    )
