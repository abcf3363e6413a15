"""Keeps the figures of the dashboard and the reports in step with the register.

The figures follow the history: whatever happens to a letter leaves a line there, and every letter with a new line is
counted anew, by taking away what it counted to before and adding what it counts to now, in one transaction. So nothing
that changes a letter has to know of the figures, a crash repeats a page and counts nothing twice, and a page that is
shown needs no look at a million letters.
"""

from collections import Counter
from datetime import date, timedelta

from mailroom.model.base import Value, midnight
from mailroom.model.figures import NO_DAY, Course, Mark, Measure
from mailroom.office import Office
from mailroom.reporting.dashboard import SOON, course_of, waiting_table
from mailroom.reporting.marks import RULES, marks_of
from mailroom.reporting.publish import published
from mailroom.reporting.report import Figures, Period, compile_report
from mailroom.reporting.table import Report, Table
from mailroom.store.store import Register

PAGE = 500
"""Letters counted in one transaction: mail that comes in does not wait long behind it."""


def count(office: Office, *, pages: int | None = None) -> bool:
    """Count what has changed, at most so many pages of letters; whether nothing is left to count."""
    done = 0
    while pages is None or done < pages:
        with office.store.reading() as register:
            if not register.tallies.is_behind(RULES):
                return True
        _count_page(office)
        done += 1
    return False


def _count_page(office: Office) -> None:
    with office.store.transaction() as register:
        ids = register.tallies.take(RULES, PAGE)
        before = register.tallies.counted(ids)
        now = register.tallies.facts(ids)
        change: Counter[Mark] = Counter()
        for item_id, facts in now.items():
            change.update(marks_of(facts))
            change.subtract(marks_of(before.get(item_id)))
        register.tallies.keep(now, change)


def report(office: Office, period: Period, *, public: bool = False) -> Report:
    """The report on a year or a month, as far as the letters are counted."""
    with office.store.reading() as register:
        figures = figures_of(register, period.since, period.until)
    made = compile_report(figures, period, office.pack, made_on=office.today())
    return published(made) if public else made


def figures_of(register: Register, since: date, until: date) -> Figures:
    """Everything that is counted from the first to the last day, both inclusive."""
    before = register.tallies.totals(until, (Measure.RECEIVED, Measure.FINISHED))
    return Figures(
        sums=register.tallies.sums(since, until),
        days=register.tallies.by_day(since, until, (Measure.RECEIVED, Measure.FINISHED, Measure.SENT)),
        open_at_end=max(0, before[Measure.RECEIVED] - before[Measure.FINISHED]),
        scores=register.satisfaction.scores(midnight(since), midnight(until + timedelta(days=1))))


class Dashboard(Value):
    """What the dashboard shows."""

    since: date
    until: date
    course: Course
    waiting: Table
    report: Report
    """Of the same days."""
    is_behind: bool
    """Whether letters still wait to be counted, as after an upgrade."""


def dashboard(office: Office, days: int) -> Dashboard:
    """Of so many days, the last of which is today."""
    today = office.today()
    since = today - timedelta(days=days - 1)
    with office.store.reading() as register:
        figures = figures_of(register, since, today)
        late, soon, whole = (Figures(sums=register.tallies.sums(first, last, (Measure.WAITING,)))
                             for first, last in ((date.min, today - timedelta(days=1)), (today, today + SOON),
                                                 (date.min, NO_DAY)))
        is_behind = register.tallies.is_behind(RULES)
    period = Period(since=since, until=today, name=f"{since:%d.%m.%Y} – {today:%d.%m.%Y}")
    return Dashboard(since=since, until=today, course=course_of(figures.days, since, today), is_behind=is_behind,
                     waiting=waiting_table(late, soon, whole, office.pack),
                     report=compile_report(figures, period, office.pack, made_on=today))
