"""A dictionary that is opened when something is asked of it, and not before."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ci_steps.dictionary_when_asked import DictionaryWhenAsked
from ci_steps.errors import DictionaryError
from ci_steps.outside import Outside


def test_the_first_question_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "dictionary.db"
    asked = DictionaryWhenAsked(Outside({}), str(file))
    assert not file.exists()
    assert asked.services() == ()
    assert file.exists()
    asked.close()


def test_one_that_nobody_asked_is_closed_without_being_opened(tmp_path: Path) -> None:
    DictionaryWhenAsked(Outside({}), str(tmp_path / "dictionary.db")).close()
    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_is_said_each_time_it_is_asked(tmp_path: Path) -> None:
    asked = DictionaryWhenAsked(Outside({}), str(tmp_path))
    for _ in range(2):
        with pytest.raises(DictionaryError, match="it is a folder"):
            asked.services()
    with (
        closing(DictionaryWhenAsked(Outside({}), ":memory:")) as other,
        pytest.raises(AttributeError, match="cannot_do_that"),
    ):
        other.cannot_do_that()
