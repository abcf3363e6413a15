"""Terms counted a second time, by hand, so that nothing of the program can agree with itself.

Written from the texts alone: the Labour Code's holidays with an own Easter, summer time by its rule, the law's and the
five charters' terms as a table, and days that are walked through one by one. Nothing of the program, none of its rule
files and neither `holidays` nor `zoneinfo` is used here.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from mailroom.model.findings import Kind, Matter

DAY = timedelta(days=1)
FIXED = ((1, 1), (3, 3), (5, 1), (5, 6), (5, 24), (9, 6), (9, 22), (12, 24), (12, 25), (12, 26))
"""КТ чл. 154, ал. 1, without Easter."""
DECLARED = frozenset({date(2025, 12, 31), date(2026, 1, 2)})
"""Решение № 808 of 19.11.2025 (КТ чл. 154, ал. 3)."""
CLOSES = {"septemvri": (17, 30), "haskovo": (17, 0), "sofia": (17, 30)}
"""Hour and minute; Русе and Костинброд name no hours."""
CLASSIC = (Kind.SIGNAL, Kind.COMPLAINT, Kind.CORRUPTION_REPORT)


def easter(year: int) -> date:
    """Orthodox Easter Sunday (Meeus, Julian algorithm), as a Gregorian date; right from 1900 to 2099."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + 13 * DAY


@cache
def days_off(year: int) -> frozenset[date]:
    """The holidays of a year with the days given in lieu (КТ чл. 154, ал. 2: not for Easter), weekends left out."""
    sunday = easter(year)
    off = {date(year, month, day) for month, day in FIXED} | {sunday + n * DAY for n in (-2, -1, 0, 1)} | DECLARED
    for month, day in FIXED:
        holiday = date(year, month, day)
        if holiday.weekday() >= 5:
            lieu = holiday
            while lieu.weekday() >= 5 or lieu in off:
                lieu += DAY
            off.add(lieu)
    return frozenset(off)


def works(day: date) -> bool:
    """Whether the town hall is open."""
    return day.weekday() < 5 and day not in days_off(day.year)


def rolled(day: date) -> date:
    """ГПК чл. 60, ал. 6."""
    while not works(day):
        day += DAY
    return day


def in_sofia(at: datetime) -> datetime:
    """The clock on the wall: two hours ahead of UTC, three from the last Sunday of March to that of October."""
    def last_sunday(month: int) -> datetime:
        day = date(at.year, month, 31)
        while day.weekday() != 6:
            day -= DAY
        return datetime(at.year, month, day.day, 1, tzinfo=UTC)

    summer = last_sunday(3) <= at < last_sunday(10)
    return at.replace(tzinfo=None) + timedelta(hours=3 if summer else 2)


def months_later(start: date, months: int) -> date:
    """ГПК чл. 60, ал. 3: the same day-number, or the month's last."""
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = start.day
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def walked(start: date, amount: int, unit: str) -> date:
    """The end of a term after its start, walked day by day."""
    if unit == "months":
        return rolled(months_later(start, amount))
    day, left = start, amount
    while left:
        day += DAY
        left -= unit == "days" or works(day)
    return rolled(day)


def law(kind: Kind, matter: Matter | None) -> tuple[int, str, bool] | None:
    """Amount, unit, and whether АПК 29(6) delays the start; LAW of the state, the same for every town."""
    if matter is Matter.WHISTLEBLOWER:
        return 3, "months", False
    if matter is Matter.APPEAL:
        return 7, "days", True
    if kind in CLASSIC or kind is Kind.PROPOSAL:
        return 2, "months", True
    table = {Kind.REQUEST: (7 if matter is Matter.CERTIFICATE else 14, "days", True),
             Kind.INQUIRY: (5, "working days", True), Kind.FOI_REQUEST: (14, "days", False),
             Kind.GDPR_REQUEST: (1, "months", False)}
    return table.get(kind)


def promise(town: str, kind: Kind, matter: Matter | None, *, written: bool, inspection: bool) -> tuple[int, str] | None:
    """What the charter promises of its own."""
    if matter in (Matter.WHISTLEBLOWER, Matter.APPEAL):
        return None
    if town == "septemvri" and kind is Kind.COMPLAINT:
        return 1, "months"
    if town == "haskovo" and kind is Kind.COMPLAINT and written and not inspection:
        return 7, "days"
    return (30, "days") if town == "sofia" and kind in CLASSIC else None


def due(town: str, kind: Kind, matter: Matter | None, at: datetime, *, written: bool,
        inspection: bool) -> tuple[date | None, date | None]:
    """The charter's and the law's date for what came and was registered at this moment (UTC)."""
    wall = in_sofia(at)
    promised = promise(town, kind, matter, written=written, inspection=inspection)
    lawful = law(kind, matter)
    charter = walked(wall.date(), *promised) if promised else None
    if lawful is None:
        return charter, None
    amount, unit, waits = lawful
    start = wall.date()
    if waits and (not works(start) or (wall.hour, wall.minute) > CLOSES.get(town, (23, 59))):
        first = start + DAY
        while not works(first):
            first += DAY
        start = first - DAY
    return charter, walked(start, amount, unit)
