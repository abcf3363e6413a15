"""Entries: the numbers, which have no gap, and the terms."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, inspect, or_, text, update
from sqlalchemy import select as select_columns
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, select

from mailroom.folding import number_key
from mailroom.model.base import ItemId
from mailroom.model.entry import Assignment, Due, Entry
from mailroom.searchwords import numbers_of
from mailroom.store.search import Search
from mailroom.store.tables import LIVE, NO_TERM, EntryTable, ItemTable, SeriesTable
from mailroom.store.turns import NUMBERS, take_turn

_PAGE = 5000
"""Numbers read at once."""
_NO_LINE = "no line"
"""Where a session keeps the items that it knows to have none."""
_RUNS_TOLD = 20


class Entries:
    """The register's lines inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def wait_for_numbers(self) -> None:
        """For a transaction that gives many numbers: of two that took them from several series, each in its own order,
        each would wait for the other."""
        take_turn(self._session, NUMBERS)

    def next_sequence(self, series: str, year: int) -> int:
        """The next number of a yearly series. The row stays locked until the transaction ends, and a transaction that
        fails gives the number back: therefore no gap and no number twice."""
        number = self._raise(series, year)
        if number is None:
            # The first of the year. Two machines may both see none: whoever comes second waits here for the first.
            self._session.connection().execute(
                text("INSERT INTO series (series, year, last) VALUES (:series, :year, 0) ON CONFLICT DO NOTHING"),
                {"series": series, "year": year})
            number = self._raise(series, year)
        assert number is not None
        return number

    def _raise(self, series: str, year: int) -> int | None:
        """Count one up; null when the series has no row yet."""
        raised = self._session.connection().execute(_RAISE, {"of_series": series, "of_year": year})
        number: int | None = raised.scalar()
        return number

    def add(self, entry: Entry) -> None:
        """Write one line of the register."""
        self._session.info.get(_NO_LINE, set()).discard(entry.item_id)
        row = EntryTable(
            item_id=entry.item_id, registration_number=entry.registration_number, case_number=entry.case_number,
            series=entry.series, year=entry.year, sequence=entry.sequence, registered_at=entry.registered_at,
            access_code=entry.access_code, due_date=entry.due.date, due=entry.due.model_dump_json(),
            department_id=entry.assigned_to.department_id, officer_id=entry.assigned_to.officer_id,
            assigned_to=entry.assigned_to.model_dump_json(), inspection_needed=entry.inspection_needed,
            counted_by=entry.counted_by, number_key=number_key(entry.registration_number),
            case_key=number_key(entry.case_number))
        self._session.connection().execute(_INSERT, row.model_dump())
        self._tell_queue(row)
        Search(self._session).add(entry.item_id, numbers_of((entry.registration_number, entry.case_number)))

    def look_for(self, item_ids: Collection[ItemId]) -> None:
        """Find out by one question which of these items, all locked by this transaction, have no line yet."""
        found = self._session.exec(select(EntryTable.item_id).where(col(EntryTable.item_id).in_(item_ids)))
        self._session.info.setdefault(_NO_LINE, set()).update(set(item_ids) - set(found))

    def _tell_queue(self, entry: EntryTable) -> None:
        """Term and officer stand in the item's row too, where the queue looks for them."""
        item = self._session.get_one(ItemTable, entry.item_id)
        item.work_by = entry.due_date or NO_TERM
        item.department_id, item.officer_id = entry.department_id, entry.officer_id
        self._session.add(item)

    def of(self, item_id: ItemId) -> Entry | None:
        """The line of one item, or null when it has none."""
        if item_id in self._session.info.get(_NO_LINE, ()):
            return None
        row = self._session.identity_map.get(identity_key(EntryTable, item_id)) or self._session.connection().execute(
            _OF_ITEM, {"item": item_id}).first()
        return _value(row) if row else None

    def set_due(self, item_id: ItemId, due: Due, *, counted_by: str | None = None) -> None:
        """The terms have changed: another kind, an extension, a new non-working day."""
        row = self._session.get_one(EntryTable, item_id)
        row.due, row.due_date = due.model_dump_json(), due.date
        row.counted_by = row.counted_by if counted_by is None else counted_by
        self._session.add(row)
        self._tell_queue(row)

    def counted_otherwise(self, counted_by: str, statuses: Iterable[str], limit: int) -> tuple[ItemId, ...]:
        """Items in these open states whose terms were counted by another calendar or by other rules."""
        ids = select(EntryTable.item_id).join(ItemTable, col(ItemTable.id) == col(EntryTable.item_id)).where(
            EntryTable.counted_by != counted_by, text(LIVE), col(ItemTable.status).in_(tuple(statuses)))
        return tuple(self._session.exec(ids.order_by(col(EntryTable.item_id)).limit(limit)))

    def set_inspection_needed(self, item_id: ItemId, needed: bool) -> None:
        """A person says whether an inspection must be made."""
        row = self._session.get_one(EntryTable, item_id)
        row.inspection_needed = needed
        self._session.add(row)

    def propose_due(self, item_id: ItemId, due: Due) -> None:
        """New terms that hold once the letter which tells the citizen of them is approved."""
        row = self._session.get_one(EntryTable, item_id)
        row.proposed_due = due.model_dump_json()
        self._session.add(row)

    def swap_proposed_due(self, item_id: ItemId) -> Due | None:
        """The proposed terms hold now, and those that held are kept in their place: a letter that is cancelled before
        it left brings them back. The proposal may be older than the calendar, so the terms are counted once more.
        Returns the terms that hold; null when none were proposed."""
        row = self._session.get_one(EntryTable, item_id)
        if row.proposed_due is None:
            return None
        row.due, row.proposed_due, row.counted_by = row.proposed_due, row.due, ""
        due = Due.model_validate_json(row.due)
        row.due_date = due.date
        self._session.add(row)
        self._tell_queue(row)
        return due

    def take_proposed_due(self, item_id: ItemId) -> Due | None:
        """The proposed terms, which are thereby no proposal any more; null when there are none."""
        row = self._session.get_one(EntryTable, item_id)
        proposed, row.proposed_due = row.proposed_due, None
        self._session.add(row)
        return Due.model_validate_json(proposed) if proposed else None

    def assign(self, item_id: ItemId, assignment: Assignment) -> None:
        """Give the item to somebody else."""
        row = self._session.get_one(EntryTable, item_id)
        row.department_id, row.officer_id = assignment.department_id, assignment.officer_id
        row.assigned_to = assignment.model_dump_json()
        self._session.add(row)
        self._tell_queue(row)

    def by_number(self, number: str, since: datetime, until: datetime) -> Entry | None:
        """The line of this registration or case number, however it is typed, written in [since, until)."""
        key = number_key(number)
        rows = select(EntryTable).where(
            or_(col(EntryTable.number_key) == key, col(EntryTable.case_key) == key),
            EntryTable.registered_at >= since, EntryTable.registered_at < until)
        row = self._session.exec(rows.order_by(col(EntryTable.item_id)).limit(1)).first()
        return _value(row) if row else None

    def faults(self) -> list[str]:
        """Gaps, doubles and numbers beyond the counter, a sentence each; empty when the series are whole."""
        faults = []
        for series in self._session.exec(select(SeriesTable)).all():
            name, expected, missing, beyond = f"series {series.series}/{series.year}", 1, Runs(), Runs()
            for number in self._numbers(series):
                if number < expected:
                    faults.append(f"{name}: number {number} was given twice: compare with the last backup")
                missing.add(expected, min(number, series.last + 1) - 1)
                beyond.add(max(number, series.last + 1), number)
                expected = number + 1
            missing.add(expected, series.last)
            faults += [f"{name}: numbers {what}: {runs}" for what, runs in (
                ("missing", missing), ("beyond the counter", beyond)) if runs.said]
        return faults

    def count(self) -> int:
        """How many lines the register has."""
        return self._session.exec(select(func.count()).select_from(EntryTable)).one()

    def _numbers(self, series: SeriesTable) -> Iterator[int]:
        """The numbers of a series in their order, a page at a time."""
        last, page = 0, select(EntryTable.sequence).where(
            EntryTable.series == series.series, EntryTable.year == series.year).order_by(col(EntryTable.sequence))
        while numbers := self._session.exec(page.where(EntryTable.sequence > last).limit(_PAGE)).all():
            yield from numbers
            last = numbers[-1]


class Runs:
    """Numbers that follow each other, told as „3, 7-9“; the first few runs only."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def add(self, first: int, last: int) -> None:
        """From the first to the last; nothing where the last is the smaller."""
        if first > last or len(self.said) > _RUNS_TOLD:
            return
        run = str(first) if first == last else f"{first}-{last}"
        self.said.append("…" if len(self.said) == _RUNS_TOLD else run)

    def __str__(self) -> str:
        return ", ".join(self.said)


_INSERT = insert(EntryTable)
_RAISE = update(SeriesTable).where(
    col(SeriesTable.series) == bindparam("of_series"), col(SeriesTable.year) == bindparam("of_year")).values(
    last=SeriesTable.last + 1).returning(col(SeriesTable.last))
_OF_ITEM = select_columns(inspect(EntryTable).local_table).where(col(EntryTable.item_id) == bindparam("item"))


def _value(row: Any) -> Entry:
    return Entry(
        item_id=row.item_id, registration_number=row.registration_number,
        case_number=row.joined_case or row.case_number, joined=bool(row.joined_case),
        series=row.series, year=row.year, sequence=row.sequence, registered_at=row.registered_at,
        access_code=row.access_code, due=Due.model_validate_json(row.due),
        assigned_to=Assignment.model_validate_json(row.assigned_to), inspection_needed=row.inspection_needed,
        counted_by=row.counted_by)
