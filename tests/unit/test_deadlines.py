"""The day by which something must be filed: calendar days, or working days without weekends and public holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.election.deadlines import due_on

FRIDAY = date(2029, 12, 21)
CHRISTMAS = date(2029, 12, 25)
NEW_YEAR = date(2030, 1, 1)
DAYS = st.dates(date(2024, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize(
    ("kind", "holidays", "due"),
    [
        ("pilkada", (), date(2029, 12, 28)),  # seven days of the calendar
        ("pilkada", (CHRISTMAS,), date(2029, 12, 28)),  # holidays change nothing there
        ("pemilu", (), date(2030, 1, 1)),  # seven working days: 24-28 December, 31 December, 1 January
        ("pemilu", (CHRISTMAS,), date(2030, 1, 2)),
        ("pemilu", (CHRISTMAS, NEW_YEAR), date(2030, 1, 3)),
        ("pemilu", (date(2029, 12, 22), date(2029, 12, 23)), date(2030, 1, 1)),  # a holiday on a weekend
        ("pemilu", (FRIDAY,), date(2030, 1, 1)),  # the day itself is not counted
        ("lain", (CHRISTMAS,), date(2029, 12, 28)),  # an unknown kind has the pilkada's days
    ],
)
def test_known_days(kind: str, holidays: tuple[date, ...], due: date) -> None:
    assert due_on(kind, FRIDAY, frozenset(holidays)) == due


@given(DAYS, st.frozensets(DAYS, max_size=30))
def test_exactly_seven_working_days_pass(known: date, holidays: frozenset[date]) -> None:
    due = due_on("pemilu", known, holidays)
    passed = [known + timedelta(days=n) for n in range(1, (due - known).days + 1)]
    assert sum(day.weekday() < 5 and day not in holidays for day in passed) == 7
    assert due.weekday() < 5
    assert due not in holidays


@given(DAYS, st.frozensets(DAYS, max_size=30), DAYS)
def test_one_more_holiday_never_makes_a_deadline_earlier(known: date, holidays: frozenset[date], more: date) -> None:
    assert due_on("pemilu", known, holidays | {more}) >= due_on("pemilu", known, holidays)
