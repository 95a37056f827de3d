"""`ci-steps version`: what a shell script may ask, in this process and by its exit status."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parts.commands import Ended, typed


def asked(capsys: pytest.CaptureFixture[str], question: str) -> Ended:
    return typed(capsys, "version", *question.split())


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("bump v1_20171001-1 v1_20171001-2", {"bump": "bugfix"}),
        ("bump 1.1.0 2.0.0", {"bump": "major"}),
        ("bump 1.1.0 1.1.0", {"bump": "same"}),
        ("bump 1.1 1.1.0", {"bump": "same"}),
        ("bump 1.1.0 1.2.0", {"bump": "feature"}),
        ("bump 1.1.0 1.0.9", {"bump": "rollback"}),
        ("bump v1_20171001-2 v1_20171101-1", {"bump": "may_break"}),
        ("bump 1.1.0 1.1.1-rc.1", {"bump": "prerelease"}),
        ("bump 1.1.0 v1_20171001-1", {"bump": "scheme_change"}),
        ("compare 1.10 1.9", {"order": ">"}),
        ("compare 1.9 1.10", {"order": "<"}),
        ("compare v1.1 1.1.0", {"order": "="}),
        ("parse v1_20171001-2", {"scheme": "dated", "line": "1", "prerelease": False}),
        ("parse 1.1.0-rc.1", {"scheme": "semver", "line": "1", "prerelease": True}),
        ("satisfies auth-1.1 1.2.0", {"verdict": "yes", "reason": ""}),
        ("satisfies auth-1.1 2.0.0", {"verdict": "no", "reason": "line 2 instead of 1"}),
        ("satisfies auth-1.1 1.0.9", {"verdict": "no", "reason": "older than 1.1"}),
        ("satisfies gis-v1_20171001 v1_20171101-1", {"verdict": "unknown"}),
    ],
)
def test_the_answer_as_json(
    capsys: pytest.CaptureFixture[str], question: str, answer: dict[str, Any]
) -> None:
    ended = asked(capsys, f"{question} --json")
    document = ended.document
    assert document["schema"].startswith("ci-steps/")
    assert {key: document[key] for key in answer} == answer
    assert ended.err == ""
    # satisfies: 0 only for yes, whatever the form of the answer is.
    assert ended.status == (0 if document.get("verdict", "yes") == "yes" else 1)
    assert asked(capsys, question).status == ended.status


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("bump v1_20171001-1 v1_20171001-2", "bugfix"),
        ("compare 1.9 1.10", "<"),
        ("satisfies auth-1.1 1.2.0", "yes"),
        ("satisfies auth-1.1 2.0.0", "no: line 2 instead of 1"),
        ("parse 201610", "201610: calver-month, line"),
    ],
)
def test_the_answer_for_people_is_one_line(
    capsys: pytest.CaptureFixture[str], question: str, line: str
) -> None:
    ended = asked(capsys, question)
    assert ended.out.startswith(line)
    assert ended.out.count("\n") == 1


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("parse 1.x", "error: '1.x' is not a version: "),
        ("parse v1_20171301-1", "error: 'v1_20171301-1' is not a version: no calendar has a day"),
        ("parse größe", "error: 'größe' is not a version: "),
        ("parse " + "9" * 300, "error: '999"),
        ("parse 1.1 --scheme dated", "error: '1.1' is not a version: "),
        ("parse 1.1 --scheme semvre", "error: invalid value for '--scheme': 'semvre'"),
        ("compare 1.1 201610", "error: "),
        ("satisfies auth 1.1", "error: 'auth' is not a requirement: "),
        ("satisfies auth-1.1", "error: missing argument 'VERSION'"),
        ("parse 1.1 1.2", "error: got unexpected extra argument (1.2)"),
        ("prase 1.1", "error: no command 'prase', did you mean parse?"),
        ("parse 1.1 --jsno", "error: no option --jsno, did you mean --json?"),
    ],
)
def test_what_cannot_be_asked_is_said_with_a_hint(
    capsys: pytest.CaptureFixture[str], question: str, said: str
) -> None:
    ended = asked(capsys, question)
    assert ended.status == 2
    assert ended.out == ""
    first, *hints = ended.err.splitlines()
    assert first.startswith(said)
    assert all(hint.startswith((" hint: ", "       ")) for hint in hints)
