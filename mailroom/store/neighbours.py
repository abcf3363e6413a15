"""The items beside one: of the same file, merged with it, and of the same sender.

Every question is bounded and goes by an index; what the reader may see of the answer is for the web to say.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.item import Item, Status
from mailroom.model.letter import Letter
from mailroom.store.tables import DocumentTable, ItemTable

MOST_NEAR = 50
MOST_OF_A_SENDER = 8
"""The latest letters of a sender that are compared."""
_LETTERS = (Status.ARRIVED, Status.REGISTERED, Status.IN_REVIEW, Status.FORWARDED, Status.ANSWERED, Status.CLOSED)
"""States of what is a letter and stands for itself."""


class Neighbours:
    """The neighbours inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def near(self, item_id: ItemId, merged_into: ItemId | None) -> tuple[ItemId, ...]:
        """The other letters of the same file, and the items merged with this one."""
        first = self._session.get_one(ItemTable, item_id).batch_id or item_id
        same = or_(col(ItemTable.batch_id) == first, col(ItemTable.id) == first,
                   col(ItemTable.merged_into) == item_id, col(ItemTable.id) == merged_into)
        ids = self._session.exec(select(ItemTable.id).where(same).order_by(col(ItemTable.id)).limit(MOST_NEAR))
        return tuple(found for found in ids if found is not None and found != item_id)

    def of_sender(self, item: Item, since: datetime) -> tuple[tuple[ItemId, str], ...]:
        """The latest letters of the same sender that came since then, with their texts: those of the same address, and
        those of the same name."""
        row = self._session.get_one(ItemTable, item.id)
        names = [(col(ItemTable.sender_email), row.sender_email), (col(ItemTable.sender), row.sender)]
        ids: set[ItemId] = set()
        for column, value in names:
            if value:
                found = select(ItemTable.id).where(
                    column == value, col(ItemTable.sealed) == row.sealed, ItemTable.received_at >= since,
                    col(ItemTable.status).in_(_LETTERS), ItemTable.id != item.id)
                ids |= {one for one in self._session.exec(
                    found.order_by(col(ItemTable.received_at).desc(), col(ItemTable.id).desc())
                    .limit(MOST_OF_A_SENDER)) if one is not None}
        return self._texts(sorted(ids, reverse=True)[:MOST_OF_A_SENDER])

    def _texts(self, ids: Iterable[ItemId]) -> tuple[tuple[ItemId, str], ...]:
        rows = select(DocumentTable.item_id, DocumentTable.letter).where(col(DocumentTable.item_id).in_(list(ids)))
        return tuple((item_id, Letter.model_validate_json(letter).text)
                     for item_id, letter in self._session.exec(rows) if letter)

    def merge(self, item_id: ItemId, into: ItemId) -> None:
        """This item is worked on as part of the other; its number and history stay."""
        row = self._session.get_one(ItemTable, item_id)
        row.status, row.merged_into = Status.MERGED, into
        self._session.add(row)
