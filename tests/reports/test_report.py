"""The report says what happened, and its version for the public nothing that could tell of one person."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.counting import count, report
from mailroom.model.findings import Kind
from mailroom.model.item import Status
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from mailroom.reporting.publish import FEWER, NOT_SHOWN, published
from mailroom.reporting.report import period_of, quantile
from mailroom.reporting.table import Cell, Column, Line, Report, Table, as_csv, as_dict, count_of, share_of
from tests.reports.post import come_in, decide, finish, send, shake

YEAR, MARCH = period_of(2026), period_of(2026, 3)


def cells(made: Report, table: str, line: str) -> list[str]:
    """A line of a table as people read it."""
    found = next(one for one in made.tables if one.key == table)
    return [cell.shown for cell in next(one for one in found.all_lines if one.key == line).cells]


@pytest.fixture
def told(small_office: Office) -> Report:
    """Ten complaints of March: nine answered after as many days as their number, two of them late; one letter more."""
    day = date(2026, 3, 2)
    with small_office.store.transaction() as register:
        for days in range(1, 11):
            item_id = come_in(register, day, kind=Kind.COMPLAINT, department="environment",
                              charter=day + timedelta(days=7), statute=day + timedelta(days=60))
            if days < 10:
                finish(register, item_id, day + timedelta(days=days))
        refused = come_in(register, date(2026, 4, 1), outcome=Outcome.NOT_CONSIDERED)
        decide(register, refused, date(2026, 4, 2), Outcome.NOT_CONSIDERED, Outcome.NOT_CONSIDERED)
        register.satisfaction.keep(refused, 4, small_office.now())
        send(register, refused, date(2026, 4, 2))
        come_in(register, day, sealed=True, kind=Kind.CORRUPTION_REPORT)
    count(small_office)
    return report(small_office, YEAR)


def test_the_year_is_told_by_month_kind_and_term(told: Report) -> None:
    assert told.title == "Годишен отчет за писмата на гражданите, 2026 г."
    assert cells(told, "overview", "received") == ["11"] and cells(told, "overview", "open") == ["1"]
    assert cells(told, "months", "2026-03") == ["10", "9", "0"] and cells(told, "months", "2026-04") == ["1", "1", "1"]
    assert cells(told, "kinds", "complaint") == ["10", "9"] and cells(told, "departments", "environment") == ["10", "9"]
    assert cells(told, "charter_kinds", "all") == ["7", "2", "77,8\u00a0%"]
    assert cells(told, "statute_kinds", "complaint") == ["9", "0", "100\u00a0%"]
    assert cells(told, "answer_days", "complaint") == ["9", "5", "9"]
    assert cells(told, "endings", Status.CLOSED) == ["1"] and cells(told, "satisfaction", "4") == ["1"]
    assert cells(told, "verdicts", "primerovo.anonymity") == ["1", "0", "0\u00a0%"]


def test_a_month_is_told_by_day_and_knows_what_stayed_open(small_office: Office, told: Report) -> None:
    march = report(small_office, MARCH)
    assert march.title == "Месечен отчет за писмата на гражданите, март 2026 г."
    assert cells(march, "days", "2026-03-02") == ["10", "0", "0"] and cells(march, "overview", "open") == ["1"]
    assert cells(report(small_office, period_of(2026, 2)), "overview", "open") == ["0"]
    assert told.tables[0].key == march.tables[0].key


def test_no_table_knows_of_a_sealed_letter(told: Report) -> None:
    assert "корупция" not in json.dumps(as_dict(told), ensure_ascii=False).lower()


def test_the_public_sees_no_count_of_one_or_two_and_no_departments_lateness(told: Report) -> None:
    public = published(told)
    assert cells(public, "months", "2026-04") == [FEWER, FEWER, FEWER]
    assert cells(public, "months", "2026-03")[0] == NOT_SHOWN
    assert cells(public, "charter_kinds", "all") == ["7", FEWER, "поне 77\u00a0%"]
    assert not [table.key for table in public.tables
                if table.key.endswith("_departments") or table.key in ("days", "set_aside")]
    assert all(cell.number is None or cell.number >= 3 or cell.number == 0 or cell.of
               for table in public.tables for line in table.all_lines for cell in line.cells)


def test_the_csv_has_a_line_for_every_figure(told: Report) -> None:
    for made in (told, published(told)):
        rows = list(csv.DictReader(io.StringIO("".join(as_csv(made)))))
        assert len(rows) == sum(len(table.columns) * len(table.all_lines) for table in made.tables)
        assert {row["период_от"] for row in rows} == {"2026-01-01"}
        assert all(row["стойност"] == "" for row in rows if row["с думи"] in (FEWER, NOT_SHOWN))


def test_counts_add_up_whatever_has_happened(small_office: Office) -> None:
    shake(small_office.store, 30, 3)
    count(small_office)
    made = report(small_office, YEAR)
    for table in made.tables:
        for place, column in enumerate(table.columns):
            if table.total and column.key not in ("share", "median", "most"):
                assert sum(line.cells[place].number or 0 for line in table.lines) == table.total.cells[place].number, (
                    table.key, column.key)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_no_reader_can_find_a_hidden_count_by_subtraction(counts: list[int]) -> None:
    made = _one_column(counts)
    table = published(made).tables[0]
    shown = [line.cells[0] for line in table.lines]
    total = table.total.cells[0].number if table.total else None
    answers = [_possible(cell) for cell in shown]
    fitting = fitting_of(answers, total)
    for place, (cell, count_) in enumerate(zip(shown, counts, strict=bool(shown))):
        if cell.number is None:
            possible = {found[place] for found in fitting}
            assert len(possible) > 1 and count_ in possible, (counts, [one.shown for one in shown])


def _one_column(counts: list[int]) -> Report:
    lines = tuple(Line(key=str(n), name=str(n), cells=(count_of(number),)) for n, number in enumerate(counts))
    table = Table(key="t", title="T", head="H", columns=(Column(key="n", name="N"),), lines=lines,
                  total=Line(key="all", name="Общо", cells=(count_of(sum(counts)),)))
    return Report(town="T", title="T", since="2026-01-01", until="2026-12-31", made_on="2026-12-31", tables=(table,))


def _possible(cell: Cell) -> list[int]:
    """What a reader who knows the rules can take a cell for."""
    if cell.number is not None:
        return [int(cell.number)]
    return [0, 1, 2] if cell.shown == FEWER else list(range(3, 73))


def fitting_of(answers: list[list[int]], total: float | None) -> list[tuple[int, ...]]:
    """Every way in which the cells add up to the total."""
    found: list[tuple[int, ...]] = [()]
    for possible in answers:
        found = [(*begun, number) for begun in found for number in possible
                 if total is None or sum(begun) + number <= total]
    return [one for one in found if total is None or sum(one) == total]


@pytest.mark.parametrize(("part", "rest", "shown"), [
    (38, 2, "поне 95\u00a0%"), (2, 38, "най-много 5\u00a0%"), (1, 1, NOT_SHOWN), (0, 0, "–"), (40, 0, "100\u00a0%"),
    (5, 5, "50\u00a0%"), (1, 2, "поне 33\u00a0%"),
])
def test_a_share_with_a_small_part_is_told_by_its_bound(part: int, rest: int, shown: str) -> None:
    line = Line(key="all", name="Общо", cells=(share_of(part, rest),))
    table = Table(key="t", title="T", head="H", columns=(Column(key="share", name="Дял"),), lines=(), total=line)
    made = Report(town="T", title="T", since="2026-01-01", until="2026-12-31", made_on="2026-12-31", tables=(table,))
    assert cells(published(made), "t", "all") == [shown]


@pytest.mark.parametrize(("spread", "median"), [({3: 1}, 3), ({1: 1, 9: 1}, 1), ({1: 1, 5: 1, 9: 1}, 5), ({}, None)])
def test_the_median_is_the_day_by_which_half_were_answered(spread: dict[int, int], median: int | None) -> None:
    assert quantile(spread, 0.5) == median
