"""The yearly and the monthly report on the town hall's post (Наредба за административното обслужване, чл. 24). Pure.

Whistleblowers' reports are in none of its figures (ЗЗЛПСПОИН 31).
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from pydantic import Field

from mailroom.model.arrival import Channel
from mailroom.model.base import Value
from mailroom.model.figures import By, Measure
from mailroom.model.findings import UNDETERMINED, Kind, NonCorrespondence
from mailroom.model.item import Status
from mailroom.model.pack import Pack
from mailroom.reporting.table import Cell, Column, Line, Report, Table, count_of, share_of
from mailroom.words import word

MONTHS = ("януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември",
          "декември")
SCORES = {5: "много доволни", 4: "доволни", 3: "нито доволни, нито недоволни", 2: "недоволни", 1: "много недоволни"}
UNKNOWN = "неясен"
FEW_OPINIONS = 5
"""With fewer opinions a mean says what one person thinks."""
_IN_AND_OUT = (Column(key="received", name="Постъпили"), Column(key="finished", name="Приключени"))
_KEPT = (Column(key="kept", name="В срок"), Column(key="late", name="След срока"),
         Column(key="share", name="Дял в срок"))


class Period(Value):
    """A month or a year."""

    since: date
    until: date
    """Inclusive."""
    name: str
    """`2026 г.`, `ноември 2026 г.`"""


class Figures(Value):
    """All that a report is made of."""

    sums: dict[tuple[str, str, str], int]
    """(measure, by, value) → how many."""
    days: dict[tuple[date, str], int] = Field(default_factory=dict)
    """(day, measure) → how many in all."""
    open_at_end: int = 0
    scores: dict[int, int] = Field(default_factory=dict)
    """How satisfied with the answer, 1 to 5 → how many said so."""

    def of(self, measure: Measure, by: By = By.ALL, value: str = "") -> int:
        """One figure."""
        return self.sums.get((measure, by, value), 0)

    def values(self, by: By, *measures: Measure) -> list[str]:
        """Every value by which one of these was counted."""
        return sorted({value for (measure, split, value), number in self.sums.items()
                       if split == by and measure in measures and number})


def period_of(year: int, month: int | None = None) -> Period:
    """The year, or one month of it."""
    if month is None:
        return Period(since=date(year, 1, 1), until=date(year, 12, 31), name=f"{year} г.")
    last = monthrange(year, month)[1]
    return Period(since=date(year, month, 1), until=date(year, month, last), name=f"{MONTHS[month - 1]} {year} г.")


def compile_report(figures: Figures, period: Period, pack: Pack, *, made_on: date) -> Report:
    """Every table of the report, for the people of the town hall."""
    tables = [
        _overview(figures), _months(figures, period),
        _in_and_out(figures, By.KIND, "kinds", "По вид", "Вид", _words(Kind)),
        _in_and_out(figures, By.CHANNEL, "channels", "По начин на постъпване", "Как са постъпили", _words(Channel)),
        _in_and_out(figures, By.DISTRICT, "districts", "По район", "Район", {"": UNDETERMINED}),
        _in_and_out(figures, By.DEPARTMENT, "departments", "По отдел", "Отдел", _departments(pack)),
        _endings(figures),
        *_terms(figures, pack), _answer_days(figures), _extensions(figures), _verdicts(figures, pack),
        _satisfaction(figures), _set_aside(figures)]
    wanted = [table for table in tables if table.lines and (table.key != "districts" or pack.districts)]
    kind = "Годишен" if period.since.month != period.until.month else "Месечен"
    return Report(town=pack.contact.name, title=f"{kind} отчет за писмата на гражданите, {period.name}",
                  since=period.since.isoformat(), until=period.until.isoformat(), made_on=made_on.isoformat(),
                  tables=tuple(wanted))


def _words(kind: type[StrEnum]) -> dict[str, str]:
    return {member.value: word(member) for member in kind}


def _departments(pack: Pack) -> dict[str, str]:
    return {department.id: department.name for department in pack.departments}


def _line(key: str, name: str, *numbers: int) -> Line:
    return Line(key=key, name=name, cells=tuple(map(count_of, numbers)))


def _name(names: Mapping[str, str], value: str) -> str:
    name = names.get(value, value) or UNKNOWN
    return name[:1].upper() + name[1:]


def _overview(figures: Figures) -> Table:
    lines = [
        _line("received", "Постъпили писма", figures.of(Measure.RECEIVED)),
        _line("urgent", "от тях с опасност за хора", figures.of(Measure.URGENT)),
        _line("finished", "Приключени", figures.of(Measure.FINISHED)),
        _line("open", "Отворени в края на периода", figures.open_at_end),
        _line("sent", "Изпратени писма до граждани", figures.of(Measure.SENT)),
        _line("returned", "от тях върнати като недоставени", figures.of(Measure.RETURNED))]
    return Table(key="overview", title="Накратко", head="Показател", columns=(Column(key="number", name="Брой"),),
                 lines=tuple(lines), note="Поверителните сигнали по ЗЗЛПСПОИН не се броят тук.")


def _months(figures: Figures, period: Period) -> Table:
    """By month; a single month by day."""
    yearly = period.since.month != period.until.month
    measures = (Measure.RECEIVED, Measure.FINISHED, Measure.SENT)
    counts: Counter[tuple[int, str]] = Counter()
    for (day, measure), number in figures.days.items():
        counts[day.month if yearly else day.day, measure] += number
    steps = range(1, 13) if yearly else range(1, period.until.day + 1)
    lines = [_line(f"{period.since.year}-{step:02}" if yearly else period.since.replace(day=step).isoformat(),
                   MONTHS[step - 1].capitalize() if yearly else f"{step} {MONTHS[period.since.month - 1]}",
                   *(counts[step, measure] for measure in measures)) for step in steps]
    return Table(key="months" if yearly else "days", title="По месеци" if yearly else "По дни",
                 head="Месец" if yearly else "Ден",
                 columns=(*_IN_AND_OUT, Column(key="sent", name="Изпратени писма")), lines=tuple(lines),
                 total=_line("all", "Общо", *(figures.of(measure) for measure in measures)), internal=not yearly)


def _in_and_out(figures: Figures, by: By, key: str, title: str, head: str, names: Mapping[str, str]) -> Table:
    measures = (Measure.RECEIVED, Measure.FINISHED)
    values = _in_order(figures.values(by, *measures), names)
    return Table(
        key=key, title=title, head=head, columns=_IN_AND_OUT,
        lines=tuple(_line(value, _name(names, value), *(figures.of(measure, by, value) for measure in measures))
                    for value in values),
        total=_line("all", "Общо", *(figures.of(measure) for measure in measures)))


def _in_order(values: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """As the names stand in their table; what is in none of them after it, and the unknown last."""
    order = {value: place for place, value in enumerate(names)}
    return sorted(values, key=lambda value: (not value, order.get(value, len(order)), value))


def _endings(figures: Figures) -> Table:
    names = {status.value: word(status) for status in Status}
    return Table(
        key="endings", title="Как са приключени", head="Състояние", columns=(Column(key="number", name="Брой"),),
        lines=tuple(_line(value, _name(names, value), figures.of(Measure.FINISHED, By.STATUS, value))
                    for value in _in_order(figures.values(By.STATUS, Measure.FINISHED), names)),
        total=_line("all", "Общо", figures.of(Measure.FINISHED)))


def _terms(figures: Figures, pack: Pack) -> Iterable[Table]:
    """Terms kept: by kind for everybody, by department for the house."""
    clocks = (("charter", "Срокове по хартата", Measure.CHARTER_KEPT, Measure.CHARTER_LATE),
              ("statute", "Срокове по закона", Measure.STATUTE_KEPT, Measure.STATUTE_LATE))
    splits = ((By.KIND, "kinds", "по вид", "Вид", _words(Kind)),
              (By.DEPARTMENT, "departments", "по отдел", "Отдел", _departments(pack)))
    for split, ending, title_end, head, names in splits:
        for key, title, kept, late in clocks:
            values = _in_order(figures.values(split, kept, late), names)
            yield Table(
                key=f"{key}_{ending}", title=f"{title}, {title_end}", head=head, columns=_KEPT,
                lines=tuple(_kept_line(value, _name(names, value), figures.of(kept, split, value),
                                       figures.of(late, split, value)) for value in values),
                total=_kept_line("all", "Общо", figures.of(kept), figures.of(late)),
                note="Броят се писмата, приключени през периода, за които е имало срок.",
                internal=split is By.DEPARTMENT)


def _kept_line(key: str, name: str, kept: int, late: int) -> Line:
    return Line(key=key, name=name, cells=(count_of(kept), count_of(late), share_of(kept, late)))


def _answer_days(figures: Figures) -> Table:
    """The median says more than the mean: one letter of three years ago does not move it."""
    names = _words(Kind)
    spread: dict[str, Counter[int]] = {}
    for (measure, by, value), number in figures.sums.items():
        if measure == Measure.DAYS and by == By.KIND:
            kind, _, days = value.rpartition("/")
            spread.setdefault(kind, Counter())[int(days)] += number
    whole = sum(spread.values(), Counter())
    lines = [_days_line(kind, _name(names, kind), spread[kind]) for kind in _in_order(spread, names)]
    return Table(
        key="answer_days", title="За колко дни се отговаря", head="Вид",
        columns=(Column(key="answered", name="Отговорени"), Column(key="median", name="Половината до (дни)"),
                 Column(key="most", name="Девет от десет до (дни)")),
        lines=tuple(lines), total=_days_line("all", "Общо", whole),
        note="Календарни дни от постъпването до отговора.")


def _days_line(key: str, name: str, spread: Counter[int]) -> Line:
    answered = spread.total()
    return Line(key=key, name=name, cells=(count_of(answered), *(_days_cell(spread, part) for part in (0.5, 0.9))))


def _days_cell(spread: Counter[int], part: float) -> Cell:
    days = quantile(spread, part)
    return Cell(number=days, shown="–" if days is None else str(days), of=(spread.total(),))


def quantile(spread: Mapping[int, int], part: float) -> int | None:
    """The smallest number of days within which this part was answered; null where nothing was."""
    wanted, so_far = part * sum(spread.values()), 0
    for days in sorted(spread):
        so_far += spread[days]
        if so_far >= wanted and so_far:
            return days
    return None


def _extensions(figures: Figures) -> Table:
    names = _words(Kind)
    return Table(
        key="extensions", title="Удължени срокове", head="Вид", columns=(Column(key="number", name="Брой"),),
        lines=tuple(_line(value, _name(names, value), figures.of(Measure.EXTENDED, By.KIND, value))
                    for value in _in_order(figures.values(By.KIND, Measure.EXTENDED), names)),
        total=_line("all", "Общо", figures.of(Measure.EXTENDED)),
        note="Писма, за които гражданинът е уведомен за по-късна дата.")


def _verdicts(figures: Figures, pack: Pack) -> Table:
    clauses = {clause.id: clause for clause in (*pack.clauses, *pack.statute)}
    lines = []
    for value in figures.values(By.CLAUSE, Measure.DECIDED):
        decided = figures.of(Measure.DECIDED, By.CLAUSE, value)
        overturned = figures.of(Measure.OVERTURNED, By.CLAUSE, value)
        clause = clauses.get(value)
        name = clause.source if clause else value or "Предложено да се разгледат"
        lines.append(_decided_line(value or "consider", name, decided, overturned, clause.quote if clause else ""))
    return Table(
        key="verdicts", title="Предложения на програмата, решени от човек", head="Основание",
        columns=(Column(key="decided", name="Решени"), Column(key="overturned", name="Решено друго"),
                 Column(key="share", name="Дял")),
        lines=tuple(lines),
        total=_decided_line("all", "Общо", figures.of(Measure.DECIDED), figures.of(Measure.OVERTURNED), ""),
        note="Програмата само предлага. Дали едно писмо се разглежда, решава служител.")


def _decided_line(key: str, name: str, decided: int, overturned: int, quote: str) -> Line:
    return Line(key=key, name=name, note=quote, cells=(
        count_of(decided), count_of(overturned), share_of(overturned, decided - overturned)))


def _satisfaction(figures: Figures) -> Table:
    given = sum(figures.scores.values())
    mean = sum(score * number for score, number in figures.scores.items()) / given if given else 0
    lines = [_line(str(score), f"{score} – {name}", figures.scores.get(score, 0)) for score, name in SCORES.items()]
    return Table(
        key="satisfaction", title="Удовлетвореност от отговора", head="Оценка",
        columns=(Column(key="number", name="Брой"),), lines=tuple(lines) if given else (),
        total=_line("all", "Общо", given),
        note=f"Средна оценка: {mean:.1f} от 5.".replace(".", ",", 1) if given >= FEW_OPINIONS else "")


def _set_aside(figures: Figures) -> Table:
    names = _words(NonCorrespondence)
    values: Sequence[str] = _in_order(figures.values(By.TYPE, Measure.SET_ASIDE), names)
    return Table(
        key="set_aside", title="Постъпило, което не е кореспонденция", head="Какво е",
        columns=(Column(key="number", name="Брой"),), internal=True,
        lines=tuple(_line(value, _name(names, value), figures.of(Measure.SET_ASIDE, By.TYPE, value))
                    for value in values),
        total=_line("all", "Общо", sum(figures.of(Measure.SET_ASIDE, By.TYPE, value) for value in values)))
