from __future__ import annotations

from dataclasses import dataclass

import pytest

from ci_steps.bumps import JudgedBump, digest_of, judge_bump
from ci_steps.comparisons.changes import Change, Compared, Level, Location
from ci_steps.model import Release
from ci_steps.versions import Bump, parse_version

LOST = Change(
    "response-property-removed",
    Level.BREAKING,
    "GET /tokens 200 /expires",
    "the response lost expires",
    Location("openapi.yaml", 41),
    Location("openapi.yaml", 38),
)
MAYBE = Change("enum-value-added", Level.WARNING, "GET /tokens 200 /kind", "kind may be guest")
MORE = Change("operation-added", Level.COMPATIBLE, "PUT /tokens", "PUT /tokens was added")

UNKNOWN = Compared(problem="the contract of 1.1.0 is not known")


@dataclass
class Told:
    """A contract that was compared before."""

    answer: Compared
    digest: str = "1" * 64

    def compared(self, before: Release) -> Compared:
        return self.answer


def judged(old: str, new: str, answer: Compared = UNKNOWN) -> JudgedBump:
    predecessor = Release("gis", parse_version(old), "abc", final=True)
    return judge_bump(parse_version(new), predecessor, Told(answer))


def found(*changes: Change) -> Compared:
    return Compared(changes, "openapi")


def test_a_first_release_breaks_nobody() -> None:
    first = judge_bump(parse_version("1.0"), None, Told(found(LOST)))
    assert (first.word, first.breaking, first.text) == ("first", False, "the first release")


@pytest.mark.parametrize(
    ("old", "new", "word", "breaking"),
    [
        ("1.1.0", "1.1.1", "bugfix", False),
        ("1.1.0", "1.2.0", "feature", False),
        ("1.1.0", "2.0.0", "major", True),
        ("0.1.0", "0.2.0", "major", True),
        ("1.1.0", "1.1", "same", False),
        ("1.1.0", "1.0.9", "rollback", False),
        ("v1_20171001-1", "v1_20171001-2", "bugfix", False),
        ("v1_20171001-1", "v2_20171001-1", "major", True),
        ("1.1.0", "v1_20171001-1", "scheme_change", True),
        ("1.1.0", "1.2.0-rc.1", "prerelease", False),
        ("1.1.0", "2.0.0-rc.1", "prerelease", True),
        ("1.1.0", "2.0.1-rc.1", "prerelease", True),
        ("2.0.0-rc.1", "2.0.0-rc.2", "prerelease", True),
        ("1.2.0-rc.1", "1.2.0-rc.2", "prerelease", False),
    ],
)
def test_the_number_says_whether_it_breaks(old: str, new: str, word: str, breaking: bool) -> None:
    answer = judged(old, new)
    assert (answer.word, answer.breaking) == (word, breaking)
    assert answer.text


@pytest.mark.parametrize(
    ("answer", "breaking", "text"),
    [
        (Compared(same=True), False, "treated as feature: the contract is the same"),
        (found(), False, "treated as feature: nothing in the contract breaks callers"),
        (found(MAYBE, MORE), False, "treated as feature: nothing in the contract breaks callers"),
        (
            found(LOST, MAYBE),
            True,
            "treated as major: the response lost expires (openapi.yaml:41 → openapi.yaml:38)",
        ),
        (Compared(problem="it is not known"), True, "treated as major: it is not known"),
        (
            Compared(problem="x.yaml:3: wrong", serious=True),
            True,
            "treated as major: x.yaml:3: wrong",
        ),
    ],
)
@pytest.mark.parametrize("step", [("v1_20171001-1", "v1_20171101-1"), ("201610", "201611")])
def test_the_contract_answers_whether_a_later_date_breaks(
    step: tuple[str, str], answer: Compared, breaking: bool, text: str
) -> None:
    old, new = step
    answered = judged(old, new, answer)
    assert (answered.word, answered.breaking) == ("may_break", breaking)
    assert answered.text == f"may break after {old}, {text}"
    assert answered.refusal == ""


@pytest.mark.parametrize(
    ("new", "answer", "needed"),
    [
        ("1.1.1", found(LOST, MAYBE), Bump.MAJOR),
        ("1.1.1", found(MAYBE), Bump.FEATURE),
        ("1.1.1", found(MORE), None),
        ("1.2.0", found(LOST), Bump.MAJOR),
        ("1.2.0", found(MAYBE, MORE), None),
        ("2.0.0", found(LOST), None),
    ],
)
def test_a_promise_that_the_contract_breaks_is_refused_with_the_bump_it_needs(
    new: str, answer: Compared, needed: Bump | None
) -> None:
    answered = judged("1.1.0", new, answer)
    assert answered.needed is needed
    assert bool(answered.refusal) is (needed is not None)
    assert answered.changes == answer.changes


def test_a_refusal_names_the_change_and_its_place() -> None:
    refusal = judged("1.1.0", "1.1.1", found(LOST)).refusal
    places = "openapi.yaml:41 → openapi.yaml:38"
    assert refusal == f"a bugfix that breaks callers: the response lost expires ({places})"
    many = judged("1.1.0", "1.1.1", found(*[LOST] * 5)).refusal
    assert many.endswith("; and 2 more")


@pytest.mark.parametrize(("new", "word"), [("1.1.1", "bugfix"), ("1.2.0", "feature")])
def test_a_promise_about_a_contract_that_changed_and_is_not_compared_is_a_warning(
    new: str, word: str
) -> None:
    answered = judged("1.1.0", new, Compared(problem="the contract changed, somehow"))
    assert (answered.breaking, answered.refusal) == (False, "")
    assert answered.warning == f"a {word}, and the contract changed, somehow"
    assert judged("1.1.0", new, Compared(same=True)).warning == ""
    assert judged("1.1.0", new, UNKNOWN).warning == ""


@pytest.mark.parametrize("new", ["1.1.1", "1.2.0"])
def test_a_promise_about_a_contract_that_cannot_be_compared_is_refused(new: str) -> None:
    answered = judged("1.1.0", new, Compared(problem="a.yaml:3: not YAML", serious=True))
    assert answered.refusal == "a.yaml:3: not YAML"


def test_a_major_needs_no_comparison() -> None:
    answered = judged("1.1.0", "2.0.0", Compared(problem="a.yaml:3: not YAML", serious=True))
    assert (answered.warning, answered.refusal) == ("", "")


def test_without_a_contract_there_is_no_digest() -> None:
    assert digest_of(None) == ""
    assert digest_of(Told(UNKNOWN)) == "1" * 64
