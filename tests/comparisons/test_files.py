"""What every format of contracts asks of its files."""

from __future__ import annotations

import pytest

from ci_steps.comparisons.changes import Change, Contract, Level, Location
from ci_steps.comparisons.files import files_of, harmless, text_of, unreadable, worst_first
from ci_steps.errors import ContractError


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("api/a.proto", "api/a.proto:3: wrong"),
        ("git:v1:a.proto", "git:v1:a.proto:3: wrong"),
        ("auth@1.1", "auth@1.1: a.proto:3: wrong"),
    ],
)
def test_a_wrong_place_is_shown_once(name: str, shown: str) -> None:
    assert str(unreadable(Contract(name, "", {}), Location("a.proto", 3), "wrong")) == shown


def test_a_contract_with_a_main_file_starts_there() -> None:
    assert files_of(Contract("a", "a.proto", {"b.proto": b""}), ".proto") == ("a.proto",)


def test_a_byte_order_mark_is_no_text() -> None:
    assert text_of(Contract("a", "", {"a": b"\xef\xbb\xbfx"}), "a") == "x"


def test_a_file_outside_of_the_contract_is_not_read() -> None:
    with pytest.raises(ContractError, match="leads out of the contract"):
        text_of(Contract("a", "", {"../a": b""}), "../a")


def test_the_worst_comes_first_and_each_once() -> None:
    mild = Change("x", Level.WARNING, "s", "t", new=Location("a", 1))
    bad = Change("y", Level.BREAKING, "s", "t", new=Location("a", 9))
    assert worst_first([mild, bad, mild]) == (bad, mild)


def test_only_the_rules_that_are_named_become_compatible() -> None:
    one, other = (Change(rule, Level.WARNING, "s", "t") for rule in "xy")
    assert [change.level for change in harmless([one, other], {"x"})] == [
        Level.COMPATIBLE,
        Level.WARNING,
    ]
