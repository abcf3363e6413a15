"""Which days are working days in Bulgaria; the only home of `holidays`.

Non-working are Saturday, Sunday, the holidays of КТ чл. 154 with the days given in lieu, and what the government adds
by decision. The library knows the decisions up to its own date; later ones come from the configuration.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from importlib.metadata import version

import holidays

from mailroom.registration.words import WEEKDAYS


class WorkingCalendar:
    """Bulgarian working days. Extra non-working days come from mailroom.toml and from the rule pack."""

    def __init__(self, extra_non_working: Iterable[date] = ()) -> None:
        """`extra_non_working`: days that the government has declared non-working."""
        self._extra = frozenset(extra_non_working)
        self._official = holidays.country_holidays("BG", language="bg")
        known = " ".join((version("holidays"), *sorted(day.isoformat() for day in self._extra)))
        self.mark = hashlib.sha256(known.encode()).hexdigest()[:12]
        """Changes when another day may have become a working day, or have ceased to be one."""

    def is_working(self, day: date) -> bool:
        """Whether the municipality works on this day („присъствен ден“, ГПК чл. 60(6))."""
        return day not in self._extra and self._official.is_working_day(day)

    def next_working(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def previous_working(self, day: date) -> date:
        """The day itself when it is a working day, else the last one before it."""
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def add_working_days(self, day: date, amount: int) -> date:
        """The working day that comes `amount` working days after `day`; `day` itself is not counted."""
        for _ in range(amount):
            day = self.next_working(day + timedelta(days=1))
        return day

    def holidays_of(self, year: int) -> tuple[date, ...]:
        """The holidays of a year, with the days given in lieu; empty where the year is not known."""
        return tuple(sorted(holidays.country_holidays("BG", language="bg", years=year)))

    def name(self, day: date) -> str:
        """In Bulgarian, what this day is: the holiday's name where it is one, else the day of the week."""
        if day in self._extra:
            return "обявен за неработен ден"
        return self._official.get(day) or WEEKDAYS[day.weekday()]
