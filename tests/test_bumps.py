from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from ci_steps.bumps import contract_digest, judge_bump
from ci_steps.errors import UsageError
from ci_steps.model import Release
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.bumps import JudgedBump

ONE, OTHER = "1" * 64, "2" * 64


def judged(old: str, new: str, before: str = "", now: str = "") -> JudgedBump:
    predecessor = Release("gis", parse_version(old), "abc", contract_digest=before, final=True)
    return judge_bump(parse_version(new), predecessor, now)


def test_a_first_release_breaks_nobody() -> None:
    first = judge_bump(parse_version("1.0"), None, ONE)
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
    found = judged(old, new)
    assert (found.word, found.breaking) == (word, breaking)
    assert found.text


@pytest.mark.parametrize(
    ("before", "now", "breaking", "text"),
    [
        (ONE, ONE, False, "treated as feature: the contract is the same"),
        (ONE, OTHER, True, "treated as major: the contract changed"),
        (ONE, "", True, "treated as major: the contract changed"),
        ("", ONE, True, "treated as major: the contract of {old} is not known"),
        ("", "", True, "treated as major: the contract of {old} is not known"),
    ],
)
@pytest.mark.parametrize("step", [("v1_20171001-1", "v1_20171101-1"), ("201610", "201611")])
def test_the_contract_answers_whether_a_later_date_breaks(
    step: tuple[str, str], before: str, now: str, breaking: bool, text: str
) -> None:
    old, new = step
    found = judged(old, new, before, now)
    assert (found.word, found.breaking) == ("may_break", breaking)
    assert found.text == f"may break after {old}, {text.format(old=old)}"


@pytest.mark.parametrize(("new", "word"), [("1.1.1", "bugfix"), ("1.2.0", "feature")])
def test_a_compatible_number_with_another_contract_is_a_warning(new: str, word: str) -> None:
    found = judged("1.1.0", new, ONE, OTHER)
    assert not found.breaking
    assert found.warning == f"a {word} whose contract changed: its changes are not compared"
    assert judged("1.1.0", new, ONE, ONE).warning == ""
    assert judged("1.1.0", new, "", ONE).warning == ""
    assert judged("1.1.0", new, ONE, "").warning


def test_a_major_with_another_contract_is_no_warning() -> None:
    assert judged("1.1.0", "2.0.0", ONE, OTHER).warning == ""


def test_the_digest_is_that_of_the_very_bytes(tmp_path: Path) -> None:
    contract = tmp_path / "openapi.yaml"
    contract.write_bytes(b"openapi: 3.0.0\r\n")
    assert contract_digest(contract) == hashlib.sha256(b"openapi: 3.0.0\r\n").hexdigest()


def test_without_a_contract_there_is_no_digest() -> None:
    assert contract_digest(None) == ""


def test_a_contract_that_is_not_there_is_an_error_and_not_the_same_contract(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"openapi\.yaml: the contract cannot be read"):
        contract_digest(tmp_path / "openapi.yaml")


def test_a_contract_without_end_is_refused(tmp_path: Path) -> None:
    contract = tmp_path / "openapi.yaml"
    with contract.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(UsageError, match="longer than 50,000,000 bytes"):
        contract_digest(contract)
