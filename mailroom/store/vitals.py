"""Figures about the register for who runs it, each found by an index: they are asked for every few seconds."""

from datetime import datetime

from sqlalchemy import func, or_, text
from sqlmodel import Session, col, select

from mailroom.model.item import Step
from mailroom.model.outgoing import OutgoingChannel, OutgoingStatus
from mailroom.store.tables import LIVE, ArrivalTable, ItemTable, OutgoingTable

_UNSETTLED = tuple(step for step in Step if step is not Step.SETTLED)
_NOT_GONE = (OutgoingStatus.DRAFT, OutgoingStatus.HELD, OutgoingStatus.QUEUED, OutgoingStatus.SENDING,
             OutgoingStatus.FAILED, OutgoingStatus.BOUNCED)


class Vitals:
    """The figures inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def live_items(self) -> dict[str, int]:
        """Status → how many letters with which somebody still has something to do."""
        rows = select(ItemTable.status, func.count()).where(text(LIVE)).group_by(col(ItemTable.status))
        return dict(self._session.exec(rows).all())

    def total_items(self) -> int:
        """How many letters have ever come, as the last key says: counting a million takes too long."""
        return self._session.exec(select(func.max(ItemTable.id))).one() or 0

    def stuck(self) -> int:
        """Letters that wait after a failed step."""
        return self._session.exec(select(func.count()).select_from(ItemTable).where(
            col(ItemTable.step).in_(_UNSETTLED), ItemTable.trouble != "")).one()

    def oldest_unfinished(self) -> datetime | None:
        """When the oldest letter came that still has a step to do."""
        rows = select(ArrivalTable.noted_at).join(ItemTable, col(ItemTable.id) == col(ArrivalTable.item_id)).where(
            col(ItemTable.step).in_(_UNSETTLED)).order_by(col(ItemTable.id))
        return self._session.exec(rows.limit(1)).first()

    def unfinished_by_source(self) -> dict[str, int]:
        """Source → how many of its letters still have a step to do."""
        rows = select(ArrivalTable.source, func.count()).join(
            ItemTable, col(ItemTable.id) == col(ArrivalTable.item_id)).where(
            col(ItemTable.step).in_(_UNSETTLED)).group_by(col(ArrivalTable.source))
        return dict(self._session.exec(rows).all())

    def letters_not_gone(self) -> dict[str, int]:
        """Status → how many outgoing letters have not left, or have come back."""
        rows = select(OutgoingTable.status, func.count()).where(
            col(OutgoingTable.status).in_(_NOT_GONE)).group_by(col(OutgoingTable.status))
        return dict(self._session.exec(rows).all())

    def oldest_due_mail(self, now: datetime) -> datetime | None:
        """Since when the oldest mail waits that nothing but the server keeps from leaving."""
        rows = select(OutgoingTable.created_at).where(
            OutgoingTable.status == OutgoingStatus.QUEUED, OutgoingTable.channel == OutgoingChannel.EMAIL,
            or_(col(OutgoingTable.not_before).is_(None), col(OutgoingTable.not_before) <= now))
        return self._session.exec(rows.order_by(col(OutgoingTable.id)).limit(1)).first()

    def arrivals(self, source: str, *, since: datetime, limit: int) -> tuple[datetime, ...]:
        """When letters came from this source, the latest first."""
        rows = select(ArrivalTable.noted_at).where(ArrivalTable.source == source, ArrivalTable.noted_at >= since)
        return tuple(self._session.exec(rows.order_by(col(ArrivalTable.noted_at).desc()).limit(limit)))

    def last_arrival(self, source: str) -> datetime | None:
        """When the last letter came from this source."""
        return self._session.exec(select(func.max(ArrivalTable.noted_at)).where(ArrivalTable.source == source)).one()
