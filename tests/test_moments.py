from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ci_steps.moments import iso_moment, iso_text

NINE = datetime(2026, 11, 11, 9, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-11T09:00:00Z", NINE),
        ("2026-11-11T10:00:00+01:00", NINE),
        ("2026-11-11T10:00:00+0100", NINE),
        ("2026-11-11 09:00:00.5+00:00", NINE + timedelta(seconds=0.5)),
        ("2026-11-11T09:00:00,123456789Z", NINE + timedelta(microseconds=123456)),
        ("2026-11-11", datetime(2026, 11, 11)),  # noqa: DTZ001 (it has no zone)
        ("2026-11-11T09:00:00", datetime(2026, 11, 11, 9)),  # noqa: DTZ001
    ],
)
def test_each_form_is_read(text: str, moment: datetime) -> None:
    assert iso_moment(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-11-11T25:00:00Z"])
def test_what_is_no_time_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nvalid isoformat|must be in"):
        iso_moment(text)


@pytest.mark.parametrize("hours", [0, 2, -5])
def test_a_time_is_written_in_utc_and_read_again(hours: int) -> None:
    there = NINE.astimezone(timezone(timedelta(hours=hours)))
    assert iso_text(there) == "2026-11-11T09:00:00Z"
    assert iso_moment(iso_text(there)) == NINE
