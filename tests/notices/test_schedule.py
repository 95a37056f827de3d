from __future__ import annotations

from datetime import date, timedelta

import pytest

from ci_steps.notices.schedule import due_day


@pytest.mark.parametrize(
    ("today", "grace_days", "due"),
    [
        pytest.param(date(2026, 11, 23), None, date(2026, 12, 23), id="a calendar month"),
        pytest.param(date(2023, 12, 29), None, date(2024, 1, 29), id="into the next year"),
        pytest.param(date(2025, 1, 31), None, date(2025, 2, 28), id="a shorter month"),
        pytest.param(date(2024, 1, 31), None, date(2024, 2, 29), id="a leap year"),
        pytest.param(date(2026, 12, 31), None, date(2027, 1, 29), id="back from a Sunday"),
        pytest.param(date(2026, 11, 23), 12, date(2026, 12, 4), id="back from a Saturday"),
        pytest.param(date(2026, 11, 23), 11, date(2026, 12, 4), id="a Friday stays"),
        pytest.param(date(2026, 11, 23), 14, date(2026, 12, 7), id="a Monday stays"),
        pytest.param(date(2026, 11, 23), 0, date(2026, 11, 23), id="today"),
        pytest.param(date(2026, 11, 28), 1, date(2026, 11, 30), id="never in the past"),
    ],
)
def test_a_due_day_is_a_month_or_the_given_days_later_and_a_working_day(
    today: date, grace_days: int | None, due: date
) -> None:
    assert due_day(today, grace_days) == due


def test_no_due_day_of_four_years_is_a_weekend_or_before_its_release() -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(4 * 365)]
    for today in days:
        due = due_day(today)
        assert due.weekday() < 5
        assert 25 <= (due - today).days <= 31
