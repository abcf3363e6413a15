"""The items beside one: of the same file, merged with it, and of the same sender.

Every question is bounded and goes by an index; what the reader may see of the answer is for the web to say.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.findings import shown_sender
from mailroom.model.item import Item, Status
from mailroom.model.letter import Letter
from mailroom.store.tables import DocumentTable, ItemTable

MOST_NEAR = 50
MOST_OF_A_SENDER = 8
"""The latest letters of a sender that are compared."""
_LETTERS = (Status.ARRIVED, Status.REGISTERED, Status.IN_REVIEW, Status.FORWARDED, Status.ANSWERED, Status.CLOSED)
"""States of what is a letter and stands for itself."""


def _of(name: Any) -> Select[Any]:
    """The latest letters of whom this column names, by its index."""
    return select(col(ItemTable.id)).where(
        name == bindparam("value"), col(ItemTable.sealed) == bindparam("sealed"),
        col(ItemTable.received_at) >= bindparam("since"), col(ItemTable.status).in_(_LETTERS),
        col(ItemTable.id) != bindparam("item")).order_by(
        col(ItemTable.received_at).desc(), col(ItemTable.id).desc()).limit(MOST_OF_A_SENDER)


_OF_EMAIL, _OF_NAME = _of(col(ItemTable.sender_email)), _of(col(ItemTable.sender))
_NEAR = select(col(ItemTable.id)).where(or_(
    col(ItemTable.batch_id) == bindparam("first"), col(ItemTable.merged_into) == bindparam("item"))).order_by(
    col(ItemTable.id)).limit(MOST_NEAR)


class Neighbours:
    """The neighbours inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def near(self, item: Item) -> tuple[ItemId, ...]:
        """The other letters of the same file, and the items merged with this one."""
        first = item.batch_of or item.id
        ids = self._session.execute(_NEAR, {"first": first, "item": item.id}).scalars()
        return tuple(sorted({*ids, first, item.merged_into or first} - {item.id}))

    def of_sender(self, item: Item, since: datetime) -> tuple[tuple[ItemId, str], ...]:
        """The latest letters of the same sender that came since then, with their texts: those of the same address, and
        those of the same name."""
        findings = item.findings
        names = [(_OF_EMAIL, findings.email.value.lower() if findings and findings.email else ""),
                 (_OF_NAME, shown_sender(findings) if findings else "")]
        ids: set[ItemId] = set()
        for question, value in names:
            if value:
                ids |= set(self._session.execute(question, {
                    "value": value, "sealed": item.sealed, "since": since, "item": item.id}).scalars())
        return self._texts(sorted(ids, reverse=True)[:MOST_OF_A_SENDER])

    def _texts(self, ids: Iterable[ItemId]) -> tuple[tuple[ItemId, str], ...]:
        wanted = list(ids)
        rows = select(DocumentTable.item_id, DocumentTable.letter).where(col(DocumentTable.item_id).in_(wanted))
        return tuple((item_id, Letter.model_validate_json(letter).text)
                     for item_id, letter in (self._session.exec(rows) if wanted else ()) if letter)

    def merge(self, item_id: ItemId, into: ItemId) -> None:
        """This item is worked on as part of the other; its number and history stay."""
        row = self._session.get_one(ItemTable, item_id)
        row.status, row.merged_into = Status.MERGED, into
        self._session.add(row)
