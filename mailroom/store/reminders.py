"""What the staff was reminded of, so that nobody is told the same thing every morning."""

from datetime import date, datetime

from sqlalchemy import Date, bindparam, text
from sqlmodel import Session

from mailroom.model.base import ItemId
from mailroom.store.tables import ReminderTable, UtcDateTime

_ADD = text("INSERT INTO reminder (item_id, clock, due, stage, at) VALUES (:item, :clock, :due, :stage, :at) "
            "ON CONFLICT DO NOTHING").bindparams(bindparam("due", type_=Date), bindparam("at", type_=UtcDateTime))


class Reminders:
    """The reminders inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_done(self, item_id: ItemId, clock: str, due: date, stage: str) -> bool:
        """Whether somebody was told that this clock of the item is in this stage of this very date."""
        return self._session.get(ReminderTable, (item_id, clock, due, stage)) is not None

    def claim(self, item_id: ItemId, clock: str, due: date, stage: str, at: datetime) -> bool:
        """Note that somebody is told; false where somebody was, also by another process at the same moment."""
        added = self._session.connection().execute(_ADD, {
            "item": item_id, "clock": clock, "due": due, "stage": stage, "at": at})
        return bool(added.rowcount)
