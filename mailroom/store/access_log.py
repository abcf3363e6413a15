"""Who has looked at an ЕГН or at a whistleblower's report, and when (ОРЗД чл. 32; ЗЗЛПСПОИН чл. 31)."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from mailroom.model.access import Access, Seen
from mailroom.model.base import ItemId, Value
from mailroom.store.tables import AccessTable

ONE_LOOK = timedelta(minutes=10)
"""The pages of one scan are one look."""


class AccessFilter(Value):
    """Which looks."""

    sealed_only: bool = False
    login: str = ""
    number: str = ""
    """Registration number, whole."""


class AccessLog:
    """The looks inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_noted(self, login: str, what: Seen, item_id: ItemId, now: datetime) -> bool:
        """Whether this look is noted already."""
        found = select(AccessTable.id).where(
            AccessTable.item_id == item_id, AccessTable.login == login, AccessTable.what == what,
            AccessTable.at > now - ONE_LOOK)
        return self._session.exec(found.limit(1)).first() is not None

    def note(self, login: str, what: Seen, item_id: ItemId, number: str, *, sealed: bool, now: datetime) -> None:
        """Somebody looks."""
        self._session.add(AccessTable(at=now, login=login, what=what, item_id=item_id, number=number, sealed=sealed))

    def count(self, item_id: ItemId) -> int:
        """How often the item was looked at."""
        return self._session.exec(
            select(func.count()).select_from(AccessTable).where(AccessTable.item_id == item_id)).one()

    def page(self, wanted: AccessFilter, *, before: int | None = None, limit: int = 100) -> tuple[Access, ...]:
        """The newest first, from the one before `before` on."""
        rows = select(AccessTable)
        if wanted.sealed_only:
            rows = rows.where(col(AccessTable.sealed).is_(True))
        if wanted.login:
            rows = rows.where(AccessTable.login == wanted.login)
        if wanted.number:
            rows = rows.where(AccessTable.number == wanted.number)
        if before is not None:
            rows = rows.where(col(AccessTable.id) < before)
        found = self._session.exec(rows.order_by(col(AccessTable.id).desc()).limit(limit))
        return tuple(Access(id=row.id or 0, at=row.at, login=row.login, what=Seen(row.what), item_id=row.item_id,
                            number=row.number, sealed=row.sealed) for row in found)

    def forget(self, before: datetime) -> None:
        """Older looks are no longer kept."""
        self._session.exec(delete(AccessTable).where(col(AccessTable.at) < before))
