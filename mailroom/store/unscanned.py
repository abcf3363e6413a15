"""Files that came while the antivirus was away, until it has looked at them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, func, text
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.store.arrivals import Arrivals
from mailroom.store.tables import JoinedScanTable, UnscannedTable, UtcDateTime

_ADD = text("INSERT INTO unscanned (sha256, since) VALUES (:sha256, :since) ON CONFLICT DO NOTHING").bindparams(
    bindparam("since", type_=UtcDateTime))


class Unscanned:
    """The files inside one transaction, by their SHA-256."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, sha256: str, at: datetime) -> None:
        """Nobody has looked at this one."""
        self._session.connection().execute(_ADD, {"sha256": sha256, "since": at})

    def remove(self, sha256: str) -> bool:
        """Somebody has; false where another process was quicker."""
        return bool(self._session.exec(delete(UnscannedTable).where(col(UnscannedTable.sha256) == sha256)).rowcount)

    def oldest(self, limit: int) -> tuple[str, ...]:
        """Those that wait for the longest time."""
        rows = select(UnscannedTable.sha256).order_by(col(UnscannedTable.since), col(UnscannedTable.sha256))
        return tuple(self._session.exec(rows.limit(limit)))

    def among(self, digests: Collection[str]) -> bool:
        """Whether one of these files waits."""
        found = select(UnscannedTable.sha256).where(col(UnscannedTable.sha256).in_(digests)).limit(1)
        return self._session.exec(found).first() is not None

    def count(self) -> int:
        """How many wait."""
        return self._session.exec(select(func.count()).select_from(UnscannedTable)).one()

    def items_of(self, sha256: str) -> tuple[ItemId, ...]:
        """The letters that came in this file, and those whose paper lies in it."""
        joined = self._session.exec(select(JoinedScanTable.item_id).where(JoinedScanTable.sha256 == sha256))
        return tuple(sorted({*Arrivals(self._session).items_by_content(sha256), *map(ItemId, joined)}))
