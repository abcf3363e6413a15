"""What the staff was reminded of, so that nobody is told the same thing every morning."""

from datetime import date, datetime

from sqlmodel import Session

from mailroom.model.base import ItemId
from mailroom.store.tables import ReminderTable


class Reminders:
    """The reminders inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_done(self, item_id: ItemId, clock: str, due: date, stage: str) -> bool:
        """Whether somebody was told that this clock of the item is in this stage of this very date."""
        return self._session.get(ReminderTable, (item_id, clock, due, stage)) is not None

    def done(self, item_id: ItemId, clock: str, due: date, stage: str, at: datetime) -> None:
        """Note that somebody was told."""
        self._session.merge(ReminderTable(item_id=item_id, clock=clock, due=due, stage=stage, at=at))
