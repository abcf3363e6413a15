"""What may be destroyed because its term is over, and the acts, inside one transaction."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from mailroom.errors import BadRequest
from mailroom.model.base import ItemId
from mailroom.model.item import Status, Step
from mailroom.model.retention import Act, ActState, RecordClass
from mailroom.store.tables import ActTable, ErasedTable, HistoryTable, ItemTable

PAGE = 500
CLOSED = (Status.ANSWERED, Status.FORWARDED, Status.CLOSED, Status.MERGED, Status.ANNULLED)
"""With these nobody owes the citizen anything."""
CLOSING = (*CLOSED, "decided", "set_aside", "set_aside_confirmed", "answer_filed", "registered", "arrived")
"""Lines of the history that may have been the last of an item's course."""


class Retention:
    """Terms and acts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- what is due -----------------------------------------------------------------------------------------------

    def closed_before(self, moment: datetime, *, sealed: bool, after: ItemId) -> Sequence[Row[Any]]:
        """The next items that came before then and are closed, or confirmed as no correspondence, in the order of their
        ids: id, kind, noncorrespondence_type, case. Erased ones and those of a proposed act are left out."""
        gone = select(ErasedTable.item_id).where(ErasedTable.item_id == ItemTable.id).exists()
        done = or_(col(ItemTable.status).in_(CLOSED), (col(ItemTable.status) == Status.NOT_CORRESPONDENCE)
                   & col(ItemTable.noncorrespondence_confirmed).is_(True))
        rows = select_columns(
            col(ItemTable.id), col(ItemTable.kind), col(ItemTable.noncorrespondence_type),
            func.coalesce(ItemTable.case_of, ItemTable.id).label("case")).where(
            col(ItemTable.id) > after, col(ItemTable.received_at) < moment, col(ItemTable.step) == Step.SETTLED,
            col(ItemTable.sealed).is_(sealed), done, ~gone)
        return list(self._session.connection().execute(rows.order_by(col(ItemTable.id)).limit(PAGE)))

    def closed_at(self, cases: Collection[ItemId]) -> dict[ItemId, datetime]:
        """Case → when the last of its items was closed; a case of which an item is open is left out."""
        case = func.coalesce(ItemTable.case_of, ItemTable.id)
        still_open = select_columns(case).where(
            or_(col(ItemTable.id).in_(cases), col(ItemTable.case_of).in_(cases)),
            col(ItemTable.status).not_in((*CLOSED, Status.NOT_CORRESPONDENCE)))
        waiting = {row[0] for row in self._session.connection().execute(still_open)}
        last = select_columns(case, func.max(HistoryTable.at)).join(
            HistoryTable, col(HistoryTable.item_id) == col(ItemTable.id)).where(
            or_(col(ItemTable.id).in_(cases), col(ItemTable.case_of).in_(cases)),
            col(HistoryTable.what).in_(CLOSING)).group_by(case)
        return {row[0]: row[1] for row in self._session.connection().execute(last) if row[0] not in waiting}

    def in_acts(self) -> set[ItemId]:
        """Items of acts that are neither carried out nor withdrawn."""
        rows = self._session.exec(select(ActTable.item_ids).where(
            col(ActTable.state).in_((ActState.PROPOSED, ActState.APPROVED))))
        return {item_id for item_ids in rows for item_id in item_ids}

    # -- acts ------------------------------------------------------------------------------------------------------

    def propose(self, record_class: RecordClass, year: int, item_ids: Sequence[ItemId], *, sealed: bool, by: str,
                at: datetime) -> Act:
        """A new act."""
        row = ActTable(class_id=record_class.id, class_name=record_class.name, year=year, item_ids=list(item_ids),
                       sealed=sealed, state=ActState.PROPOSED, proposed_by=by, proposed_at=at)
        self._session.add(row)
        self._session.flush()
        return _value(row)

    def act(self, act_id: int) -> Act:
        """One act. Raises BadRequest."""
        return _value(self._row(act_id))

    def acts(self, *, sealed: bool) -> tuple[Act, ...]:
        """All acts, the newest first."""
        rows = select(ActTable).where(col(ActTable.sealed).is_(sealed)).order_by(col(ActTable.id).desc())
        return tuple(_value(row) for row in self._session.exec(rows))

    def approve(self, act_id: int, *, number: str, dated: date, approver: str, by: str, at: datetime) -> None:
        """The signed paper is there: what it says is destroyed."""
        row = self._row(act_id)
        row.number, row.dated, row.approver, row.approved_by, row.approved_at = number, dated, approver, by, at
        row.state = ActState.APPROVED
        self._session.add(row)

    def carried_out(self, act_id: int, left_out: Sequence[ItemId]) -> None:
        """Everything was destroyed but these."""
        row = self._row(act_id)
        row.state, row.left_out = ActState.CARRIED_OUT, list(left_out)
        self._session.add(row)

    def withdraw(self, act_id: int) -> None:
        """Nothing comes of it."""
        row = self._row(act_id)
        row.state = ActState.WITHDRAWN
        self._session.add(row)

    def _row(self, act_id: int) -> ActTable:
        row = self._session.get(ActTable, act_id)
        if row is None:
            raise BadRequest("Няма такъв акт.")
        return row


def _value(row: ActTable) -> Act:
    return Act(**row.model_dump())
