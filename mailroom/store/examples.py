"""What staff have put right, field by field, and what the office has learned from it.

An example holds what a citizen wrote as little as it can: the letter itself stays in its document, and the example goes
with the item (ON DELETE CASCADE). A sealed item is never an example.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.item import DecisionState, Status, Step
from mailroom.model.learned import Example
from mailroom.store.tables import ExampleTable, ItemTable, LessonTable

WORKED_ON = (Status.ANSWERED, Status.FORWARDED, Status.CLOSED)
"""Statuses that only a person gives: whoever did has read the letter."""


class Examples:
    """The examples inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, item_id: ItemId, field: str, *, found: Any, meant: Any, at: datetime) -> None:
        """A person has put a field right. Of several corrections the first knows what the program said, and the last
        what is right; where these agree in the end nothing was wrong. Nothing is kept of a sealed item."""
        if self._session.get_one(ItemTable, item_id).sealed:
            return
        row = self._session.get(ExampleTable, (item_id, field)) or ExampleTable(item_id=item_id, field=field,
                                                                                found=found, at=at)
        row.meant, row.at = None if meant == "" else meant, at
        if row.found != row.meant:
            self._session.add(row)
        elif row in self._session:
            self._session.delete(row)
        self._session.flush()

    def forget(self, item_id: ItemId) -> None:
        """The item may not be learned from any more."""
        self._session.exec(delete(ExampleTable).where(col(ExampleTable.item_id) == item_id))

    def all(self) -> tuple[Example, ...]:
        """Every example, the oldest first."""
        rows = select(ExampleTable).join(ItemTable, col(ItemTable.id) == col(ExampleTable.item_id)).where(
            col(ItemTable.sealed).is_(False)).order_by(
            col(ExampleTable.at), col(ExampleTable.item_id), col(ExampleTable.field))
        return tuple(Example(item_id=row.item_id, field=row.field, found=row.found, meant=row.meant)
                     for row in self._session.exec(rows))

    def looked_at(self, limit: int) -> tuple[ItemId, ...]:
        """The latest items that a person has worked on (corrected, decided, answered, set aside), newest first.

        Sealed items are left out.
        """
        by_person = or_(
            col(ItemTable.decision_state) == DecisionState.CONFIRMED, col(ItemTable.status).in_(WORKED_ON),
            col(ItemTable.noncorrespondence_confirmed).is_(True),
            col(ItemTable.id).in_(select(ExampleTable.item_id)))
        rows = select(ItemTable.id).where(
            by_person, col(ItemTable.sealed).is_(False), ItemTable.step == Step.SETTLED,
        ).order_by(col(ItemTable.id).desc()).limit(limit)
        return tuple(item_id for item_id in self._session.exec(rows) if item_id is not None)

    def keep_lesson(self, name: str, document: str, at: datetime) -> None:
        """What was learned last, as JSON, in the place of what was learned before."""
        self._session.merge(LessonTable(name=name, document=document, at=at))

    def lesson(self, name: str) -> str | None:
        """What was learned last; null when nothing was."""
        row = self._session.get(LessonTable, name)
        return row.document if row else None

    def lesson_at(self, name: str) -> datetime | None:
        """When it was learned: a look at one narrow row, for those who keep a copy."""
        return self._session.exec(select(LessonTable.at).where(LessonTable.name == name)).first()
