"""What people read in short in a table, a program reads whole."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ci_steps.cli.dictionary.cells import Cell, commit, listed, moment, number, owned_by, value_of

AT = datetime(2026, 11, 27, 13, 49, 34, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("cell", "shown", "value"),
    [
        (commit("0123456789abcdef"), "0123456789ab", "0123456789abcdef"),
        (moment(AT), "2026-11-27 13:49", "2026-11-27T13:49:34Z"),
        (moment(None), "", None),
        (number(3), "3", 3),
        (listed(["gis", "auth"], between=" > "), "gis > auth", ["gis", "auth"]),
        (listed([], none="nothing"), "nothing", []),
        (owned_by(""), "nobody", None),
    ],
)
def test_a_cell_is_short_for_people_and_whole_for_programs(
    cell: Cell, shown: str, value: object
) -> None:
    assert (str(cell), value_of(cell)) == (shown, value)


@pytest.mark.parametrize(("cell", "value"), [("auth", "auth"), ("", None), (commit(""), None)])
def test_text_is_the_same_for_both_and_no_text_is_null(cell: str, value: str | None) -> None:
    assert value_of(cell) == value
