"""The program's terms and an independent counting agree, for random letters over seven years."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.model.arrival import Channel
from mailroom.model.findings import Kind, Matter
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.terms import due_for_kind
from tests.registration import independent

TOWNS = ("ruse", "septemvri", "haskovo", "kostinbrod", "sofia")
PACKS = {town: load_pack(packaged("rules"), town) for town in TOWNS}
CALENDAR = WorkingCalendar()
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


def disagreements(letters: int, seed: int) -> list[str]:
    """Letters whose two dates differ between the two countings."""
    chance, found = random.Random(seed), []
    seconds = int((LAST - FIRST).total_seconds())
    for _ in range(letters):
        kind, matter = chance.choice(tuple(Kind)), chance.choice((None, None, *Matter))
        town, at = chance.choice(TOWNS), FIRST + timedelta(seconds=chance.randrange(seconds))
        channel, inspection = chance.choice((Channel.EMAIL, Channel.PAPER, Channel.PHONE)), chance.random() < 0.2
        ours = due_for_kind(kind, matter, channel=channel, received_at=at, registered_at=at, pack=PACKS[town],
                            calendar=CALENDAR, inspection_needed=inspection)
        counted = (ours.charter.date if ours.charter else None, ours.statute.date if ours.statute else None)
        expected = independent.due(town, kind, matter, at, written=channel is not Channel.PHONE, inspection=inspection)
        if counted != expected:
            found.append(f"{town} {kind} {matter} {channel} {at} {inspection}: {counted}, by hand {expected}")
    return found


def test_thousands_of_letters_have_the_dates_that_were_counted_by_hand() -> None:
    """Any kind and matter, any of the five towns, any second of 2024 to 2030."""
    assert disagreements(3000, seed=1) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_thousand_letters_have_the_dates_that_were_counted_by_hand(seed: int) -> None:
    """Ten times ten thousand."""
    assert disagreements(10_000, seed=100 + seed) == []


def test_every_day_is_a_working_day_in_both_countings_or_in_none() -> None:
    """Of 2024 to 2031, weekends and all."""
    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(8 * 365 + 2))
    assert [day for day in days if CALENDAR.is_working(day) != independent.works(day)] == []
