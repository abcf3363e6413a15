"""Who has an item open just now. A row a person and item, written again every few seconds while the page is open."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.store.tables import ItemTable, PresenceTable

HERE = timedelta(seconds=45)
"""Who was not heard of for so long has gone."""


class Presence:
    """The readers inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def here(self, item_id: ItemId, login: str, at: datetime) -> None:
        """This person has the item open; whoever left it long ago is forgotten."""
        self._session.exec(delete(PresenceTable).where(col(PresenceTable.at) < at - HERE))
        self._session.merge(PresenceTable(item_id=item_id, login=login, at=at))
        self._session.flush()

    def others(self, item_id: ItemId, login: str, at: datetime) -> tuple[str, ...]:
        """Log-ins of the others who have it open."""
        rows = select(PresenceTable.login).where(
            PresenceTable.item_id == item_id, PresenceTable.login != login, PresenceTable.at >= at - HERE)
        return tuple(self._session.exec(rows.order_by(col(PresenceTable.login))))

    def version(self, item_id: ItemId) -> int:
        """The item's version now, without its documents."""
        return self._session.exec(select(ItemTable.version).where(ItemTable.id == item_id)).one()
