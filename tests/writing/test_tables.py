"""A table is read as easily on a narrow terminal as on a wide one."""

from __future__ import annotations

import pytest

from ci_steps.writing.tables import table_text

COLUMNS = ("dependent", "found", "by", "reason", "because")
EDGE = ("web 3.2.1", "v1_20171001-2", "", "PROVIDER_NOT_LIVE", "nothing of it runs there at all")


def text(*rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS, width: int = 80) -> str:
    return table_text(columns, rows, "Edges", color=False, width=width)


@pytest.mark.parametrize("width", [200, 80, 60, 50])
def test_no_word_is_broken_and_no_line_longer_than_the_terminal(width: int) -> None:
    shown = text(EDGE, width=width)
    assert set(" ".join(EDGE).split()) <= set(shown.split())
    assert max(map(len, shown.splitlines())) <= width


def test_a_column_without_content_gives_its_room_to_others_where_they_need_it() -> None:
    assert " by " in text(EDGE, width=100)
    assert " by " not in text(EDGE, width=84)
    assert "nothing of it runs there at all" in text(EDGE, width=84)


def test_a_sentence_is_wrapped_before_anything_else_is() -> None:
    assert text(EDGE, width=80).splitlines()[4:] == [
        " web 3.2.1   v1_20171001-2   PROVIDER_NOT_LIVE   nothing of it runs there at",
        "                                                 all",
    ]


def test_where_words_had_to_be_broken_each_row_is_a_list() -> None:
    assert text(EDGE, EDGE, width=60).splitlines()[2:] == [
        " dependent   web 3.2.1",
        " found       v1_20171001-2",
        " reason      PROVIDER_NOT_LIVE",
        " because     nothing of it runs there at all",
        "",
        " dependent   web 3.2.1",
        " found       v1_20171001-2",
        " reason      PROVIDER_NOT_LIVE",
        " because     nothing of it runs there at all",
    ]


@pytest.mark.parametrize("rows", [(), (("", ""),)], ids=["no rows", "empty rows"])
def test_where_there_is_nothing_nothing_fails(rows: tuple[tuple[str, ...], ...]) -> None:
    assert text(*rows, columns=("a" * 30, "b" * 30), width=40).startswith("Edges")


def test_letters_that_are_two_wide_count_twice() -> None:
    row = ("部" * 12, "署" * 12)
    assert f" {row[0]}   {row[1]}" in text(row, columns=("a", "b"), width=53)
    assert " a   部" in text(row, columns=("a", "b"), width=52)


def test_a_path_is_broken_before_a_table_is_given_up() -> None:
    path = "/home/anna/.local/share/ci-steps/dictionary.db"
    shown = text(("well", "dictionary", path), columns=("status", "what", "found"), width=60)
    assert shown.splitlines()[4:] == [
        " well     dictionary   /home/anna/.local/share/ci-steps/dic",
        "                       tionary.db",
    ]
