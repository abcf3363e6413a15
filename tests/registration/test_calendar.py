"""Working days in Bulgaria."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.registration.calendar import WorkingCalendar

OFF = ["2024-03-04", "2024-09-23", "2025-05-26", "2025-09-08", "2025-12-31", "2026-01-02", "2026-04-10", "2026-04-13",
       "2026-05-25", "2026-09-07", "2026-12-28", "2027-04-30", "2027-05-03", "2027-05-04", "2027-12-27", "2027-12-28",
       "2028-01-03", "2028-05-08", "2028-12-27"]
ON = ["2026-11-02", "2024-05-07", "2026-12-23", "2026-12-29", "2027-05-05", "2028-12-28"]


@pytest.mark.parametrize("day", OFF)
def test_days_off_are_known(day: str) -> None:
    """Easter, days in lieu (КТ 154(2)), days that the government declared."""
    assert not WorkingCalendar().is_working(date.fromisoformat(day))


@pytest.mark.parametrize("day", ON)
def test_working_days_are_known(day: str) -> None:
    """1 November is off for schools only."""
    assert WorkingCalendar().is_working(date.fromisoformat(day))


def test_the_town_can_add_a_day_that_the_government_declares_later() -> None:
    """It then rolls over that day and says why."""
    day = date(2027, 9, 24)
    calendar = WorkingCalendar((day,))
    assert WorkingCalendar().is_working(day) and not calendar.is_working(day)
    assert calendar.next_working(day) == date(2027, 9, 27)
    assert calendar.name(day) == "обявен за неработен ден"


def test_holidays_are_named_in_bulgarian() -> None:
    """Ordinary days by their weekday."""
    calendar = WorkingCalendar()
    assert calendar.name(date(2026, 12, 25)) == "Рождество Христово"
    assert calendar.name(date(2026, 11, 20)) == "петък"


@given(day=st.dates(date(2017, 1, 1), date(2030, 12, 20)))
def test_next_and_previous_are_the_nearest(day: date) -> None:
    """A working day is its own next and previous."""
    calendar = WorkingCalendar()
    after, before = calendar.next_working(day), calendar.previous_working(day)
    assert before <= day <= after and calendar.is_working(after) and calendar.is_working(before)
    between = (before + timedelta(days=n) for n in range(1, (after - before).days))
    assert not any(calendar.is_working(other) for other in between)
