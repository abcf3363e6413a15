"""The queue's rows and their numbers, at a million items as quick as at a hundred.

Three things make it so, and a test holds each query to them:

- everything that a view, a filter or an order asks for stands in the item's own row (terms and officer are written
  there too), and each view has its index of just its own rows, in the order in which they are shown;
- a page begins behind the last row of the page before (keyset), never after so many rows;
- a number is counted only as far as `MOST_COUNTED`: nobody reads more than „999+“.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, TextClause, and_, cast, func, literal, or_, select, text, tuple_
from sqlmodel import Session, col

from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId, Value, midnight
from mailroom.model.entry import Assignment, Due
from mailroom.model.findings import Kind
from mailroom.model.item import ItemRow
from mailroom.searchwords import Term
from mailroom.store.search import Search
from mailroom.store.tables import LIVE, VIEW_ROWS, EntryTable, ItemTable, UtcDateTime

Question = Select[*tuple[Any, ...]]
MOST_COUNTED = 1000
"""A count of so many means „as many or more“."""
DUE_SOON = timedelta(days=3)
ROWS_KEPT = 5000
"""Rows that need not be made anew: the same ones are shown to everybody all day."""
_SHOWN: tuple[Any, ...] = (*map(col, (
    ItemTable.id, ItemTable.version, ItemTable.step, ItemTable.status, ItemTable.channel, ItemTable.received_at,
    ItemTable.kind, ItemTable.noncorrespondence_type, ItemTable.subject, ItemTable.sender, ItemTable.urgent,
    ItemTable.needs_review, ItemTable.sealed, ItemTable.restricted, ItemTable.outcome, ItemTable.decision_state,
    ItemTable.legible, ItemTable.bounced, ItemTable.trouble)), cast(ItemTable.why, Text).label("why"))
_LINE: tuple[Any, ...] = tuple(map(col, (
    EntryTable.item_id, EntryTable.registration_number, EntryTable.due, EntryTable.assigned_to)))
"""Columns of an item and of its line in the register that a row shows, as they stand in the database."""


class View(StrEnum):
    """What a clerk can ask the queue for."""

    TO_DECIDE = "to_decide"
    URGENT = "urgent"
    ILLEGIBLE = "illegible"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    SET_ASIDE = "set_aside"
    BOUNCED = "bounced"
    UNASSIGNED = "unassigned"
    MINE = "mine"
    TROUBLE = "trouble"
    OPEN = "open"
    ALL = "all"


class Sort(StrEnum):
    """In which order."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    """The nearest term first; only where something is still owed."""


BY_DUE = frozenset(View) - {View.SET_ASIDE, View.BOUNCED, View.TROUBLE, View.ALL}
"""Views that can be sorted by term."""


class QueueFilter(Value):
    """Which rows, for whom. Rights are part of the question, so that no row is fetched and then hidden."""

    view: View = View.OPEN
    today: date
    sealed: bool = False
    """True: only sealed items; False: none of them."""
    department_id: str | None = None
    """Only what is given to this department."""
    not_named: str | None = None
    """Officer id of the reader: restricted items are left out for an officer, since they may be about the reader."""
    me: str | None = None
    """Officer id of the reader, for „mine“."""
    terms: tuple[Term, ...] = ()
    """What the letters must hold; the newest that do come first, whatever the order asked for."""
    kind: Kind | None = None
    channel: Channel | None = None
    for_department: str | None = None
    """The reader's own choice among the departments that the rights leave."""
    district: str | None = None
    since: date | None = None
    """Received on this day or later …"""
    until: date | None = None
    """… and on this day or earlier, in the town's time."""


class Queue:
    """The rows inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, wanted: QueueFilter, *, before: ItemId | None = None, limit: int = 50,
             sort: Sort = Sort.NEWEST) -> tuple[ItemRow, ...]:
        """A page, from behind the item `before` on: page 1000 is as quick as the first."""
        query = select(*_SHOWN).where(*_conditions(wanted))
        if not wanted.terms:
            return self._values(self._ordered(query, sort, before).limit(limit))
        rows: tuple[ItemRow, ...] = ()
        for found in Search(self._session).newest_first(query, wanted.terms, before, limit):
            rows = self._values(found)
            if len(rows) == limit:
                break
        return rows

    def _ordered(self, query: Question, sort: Sort, before: ItemId | None) -> Question:
        column, key = (col(ItemTable.work_by) if sort is Sort.DUE else col(ItemTable.received_at)), col(ItemTable.id)
        last = self._session.get(ItemTable, before) if before is not None else None
        if last is not None:
            at = literal(last.work_by) if sort is Sort.DUE else literal(last.received_at, UtcDateTime())
            behind = tuple_(at, literal(last.id))
            query = query.where(
                tuple_(column, key) < behind if sort is Sort.NEWEST else tuple_(column, key) > behind)
        return query.order_by(column.desc(), key.desc()) if sort is Sort.NEWEST else query.order_by(column, key)

    def _values(self, query: Question) -> tuple[ItemRow, ...]:
        """The rows of the question with their lines of the register, which are asked for by key, all at once."""
        items = [tuple(row) for row in self._session.execute(query)]
        lines = select(*_LINE).where(col(EntryTable.item_id).in_([item[0] for item in items]))
        by_item = {line[0]: tuple(line) for line in self._session.execute(lines)} if items else {}
        return tuple(_row_value(item, by_item.get(item[0])) for item in items)

    def row(self, item_id: ItemId) -> ItemRow | None:
        """One item's row, whatever its state; null when there is none."""
        return next(iter(self.rows_of([item_id])), None)

    def rows_of(self, ids: Iterable[ItemId]) -> tuple[ItemRow, ...]:
        """These items' rows, whatever their state, in the order of their ids."""
        return self._values(select(*_SHOWN).where(col(ItemTable.id).in_(list(ids))).order_by(col(ItemTable.id)))

    def rows_due(self, first: date, last: date, limit: int) -> tuple[ItemRow, ...]:
        """What is to be answered between two days, both inclusive, the nearest first; no sealed item."""
        due = col(ItemTable.work_by)
        query = select(*_SHOWN).where(col(ItemTable.sealed).is_(False), text(LIVE), due >= first, due <= last)
        return self._values(query.order_by(due, col(ItemTable.id)).limit(limit))

    def count(self, wanted: QueueFilter) -> int:
        """How many rows the filter has, all of them counted."""
        counted: int = self._session.execute(
            select(func.count()).select_from(ItemTable).where(*_conditions(wanted))).scalar_one()
        return counted

    def counts(self, wanted: Mapping[View, QueueFilter]) -> dict[View, int]:
        """How many rows each view has, up to `MOST_COUNTED`, by one question."""
        return dict(zip(wanted, self._session.execute(_counting(tuple(wanted.values()))).one(), strict=True))


@lru_cache(maxsize=64)
def _counting(wanted: tuple[QueueFilter, ...]) -> Question:
    """The question for these numbers; to put it together costs more than to answer it."""
    bounded = [select(func.count()).select_from(
        select(literal(1).label("one")).select_from(ItemTable).where(*_conditions(one)).limit(MOST_COUNTED)
        .subquery()).scalar_subquery().label(f"n{number}") for number, one in enumerate(wanted)]
    return select(*bounded)


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool] | TextClause]:
    """The view, the rights and the reader's filters."""
    conditions: list[ColumnElement[bool] | TextClause] = [col(ItemTable.sealed) == wanted.sealed, *_view(wanted)]
    department = col(ItemTable.department_id)
    if wanted.department_id is not None:
        conditions.append(department == wanted.department_id)
    if wanted.not_named is not None:
        conditions.append(or_(col(ItemTable.restricted).is_(False), col(ItemTable.officer_id) == wanted.not_named))
    for column, value in ((col(ItemTable.kind), wanted.kind), (col(ItemTable.channel), wanted.channel),
                          (department, wanted.for_department), (col(ItemTable.district), wanted.district)):
        if value is not None:
            conditions.append(column == value)
    if wanted.since:
        conditions.append(col(ItemTable.received_at) >= midnight(wanted.since))
    if wanted.until:
        conditions.append(col(ItemTable.received_at) < midnight(wanted.until + timedelta(days=1)))
    return conditions


_AMONG_LIVE = (View.TO_DECIDE, View.UNASSIGNED)
"""Views counted by the index that has every column that they ask for; by their own, which is for their rows, each of a
thousand items would be read for its count: a third of a second at a million."""


def _view(wanted: QueueFilter) -> list[ColumnElement[bool] | TextClause]:
    """The conditions of each view. Those that an index is made for stand in tables.py, word for word: a database takes
    such an index only when the question repeats its words."""
    view, due = wanted.view, col(ItemTable.work_by)
    if view in _AMONG_LIVE:
        return [text(LIVE), text(VIEW_ROWS[view])]
    if view in VIEW_ROWS:
        return [text(VIEW_ROWS[view])]
    special: dict[View, list[ColumnElement[bool] | TextClause]] = {
        View.OPEN: [text(LIVE)],
        View.DUE_SOON: [text(LIVE), and_(due >= wanted.today, due <= wanted.today + DUE_SOON)],
        View.OVERDUE: [text(LIVE), due < wanted.today],
        View.MINE: [text(LIVE), col(ItemTable.officer_id) == (wanted.me or "")],
        View.ALL: [],
    }
    return special[view]


@lru_cache(maxsize=ROWS_KEPT)
def _row_value(item: tuple[Any, ...], line: tuple[Any, ...] | None) -> ItemRow:
    """The row of what the database holds, in the order of `_SHOWN` and `_LINE`."""
    shown = dict(zip((column.key for column in _SHOWN), item, strict=True))
    _, number, due, assigned_to = line or (None, None, None, None)
    shown["why"] = tuple(json.loads(shown["why"]))
    return ItemRow(**shown, registration_number=number, due=Due.model_validate_json(due) if due else None,
                   assigned_to=Assignment.model_validate_json(assigned_to) if assigned_to else None)
