"""The dashboard: what comes in and goes out, what waits where, how terms are kept. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from mailroom.model.figures import By, Course, Measure, Point
from mailroom.model.pack import Pack
from mailroom.reporting.report import MONTHS, Figures
from mailroom.reporting.table import Column, Line, Table, count_of

BY_DAY_UP_TO, BY_WEEK_UP_TO = 45, 200
"""Days of a period that is drawn by day, or by week; a longer one is drawn by month."""
SOON = timedelta(days=7)


def course_of(days: dict[tuple[date, str], int], since: date, until: date) -> Course:
    """The picture of a period, both days inclusive; of a step that is not over yet it shows what there is."""
    length = (until - since).days + 1
    step = "ден" if length <= BY_DAY_UP_TO else "седмица" if length <= BY_WEEK_UP_TO else "месец"
    names: dict[date, str] = {}
    counts: Counter[tuple[date, str]] = Counter()
    for offset in range(length):
        day = since + timedelta(days=offset)
        start = _start(day, step)
        names.setdefault(start, _named(start, step))
        for measure in (Measure.RECEIVED, Measure.FINISHED):
            counts[start, measure] += days.get((day, measure), 0)
    points = [Point(name=name, received=counts[start, Measure.RECEIVED], finished=counts[start, Measure.FINISHED])
              for start, name in names.items()]
    return Course(step=step, points=tuple(points))


def _start(day: date, step: str) -> date:
    if step == "ден":
        return day
    return day - timedelta(days=day.weekday()) if step == "седмица" else day.replace(day=1)


def _named(start: date, step: str) -> str:
    if step == "месец":
        return f"{MONTHS[start.month - 1]} {start.year}"
    end = start + timedelta(days=6)
    return f"{start:%d.%m.}" if step == "ден" else f"{start:%d.%m.} – {end:%d.%m.}"


def waiting_table(late: Figures, soon: Figures, whole: Figures, pack: Pack) -> Table:
    """What waits where: of each department what is late, what is due within a week, and all that is open."""
    parts = (whole, soon, late)
    names = {department.id: department.name for department in pack.departments}
    values = sorted(whole.values(By.DEPARTMENT, Measure.WAITING),
                    key=lambda value: -whole.of(Measure.WAITING, By.DEPARTMENT, value))
    return Table(
        key="waiting", title="Какво къде чака", head="Отдел",
        columns=(Column(key="open", name="Чакат"), Column(key="soon", name="Срок до 7 дни"),
                 Column(key="late", name="Просрочени")),
        lines=tuple(_waiting_line(value, names.get(value, value) or "още неразпределени", parts, By.DEPARTMENT, value)
                    for value in values),
        total=_waiting_line("all", "Общо", parts, By.ALL, ""))


def _waiting_line(key: str, name: str, parts: Iterable[Figures], by: By, value: str) -> Line:
    return Line(key=key, name=name, cells=tuple(count_of(part.of(Measure.WAITING, by, value)) for part in parts))
