"""The word that was probably meant."""

from __future__ import annotations

import pytest

from ci_steps.writing.nearest import did_you_mean

KNOWN = ("unit-test", "deploy", "notify-owners")


@pytest.mark.parametrize("word", ["unit-tset", "unit_test", "unittest", "unit-test-"])
def test_a_near_word_is_asked_for(word: str) -> None:
    assert did_you_mean(word, KNOWN) == ", did you mean unit-test?"


@pytest.mark.parametrize("word", ["", "xyzzy", "größe", "w" * 300])
def test_without_a_near_word_a_few_are_listed(word: str) -> None:
    assert did_you_mean(word, KNOWN) == "; known: deploy, notify-owners, unit-test"


def test_many_words_or_none_are_not_listed() -> None:
    assert did_you_mean("xyzzy", [f"word-{n}" for n in range(12)]).startswith("; known: ")
    assert did_you_mean("xyzzy", [f"word-{n}" for n in range(13)]) == ""
    assert did_you_mean("xyzzy", ()) == ""
