"""What a dry run's register tells by day; sealed letters are in none of it."""

from datetime import date

from sqlmodel import Session, col, select

from mailroom.model.base import day_of
from mailroom.model.item import Status
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.store.tables import ItemTable, OutgoingTable

_WITHOUT_NUMBER = (Status.ARRIVED, Status.NOT_CORRESPONDENCE)
_TO_STAFF = (LetterType.DIGEST, LetterType.REMINDER, LetterType.ALERT)


class DryRuns:
    """The letters inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def letters(self) -> tuple[tuple[date, str | None, bool, str | None], ...]:
        """Of each letter that came: its day, its kind where it has a number, whether a person would have to decide, and
        why it is set aside; neither kind nor reason: it is not through yet."""
        rows = select(ItemTable.received_at, ItemTable.status, ItemTable.kind, ItemTable.noncorrespondence_type).where(
            col(ItemTable.sealed).is_(False))
        return tuple(
            (day_of(received_at), kind if status not in _WITHOUT_NUMBER else None, status == Status.IN_REVIEW,
             reason if status == Status.NOT_CORRESPONDENCE else None)
            for received_at, status, kind, reason in self._session.exec(rows))

    def outgoing(self, dry: str) -> tuple[tuple[date, bool], ...]:
        """Of each letter to a citizen: the day of what it answers, and whether nothing but the dry run, whose reason is
        `dry`, has kept it."""
        rows = select(ItemTable.received_at, OutgoingTable.status, OutgoingTable.hold_reason).join(
            ItemTable, col(ItemTable.id) == col(OutgoingTable.item_id)).where(
            col(ItemTable.sealed).is_(False), col(OutgoingTable.type).not_in(_TO_STAFF),
            OutgoingTable.status != OutgoingStatus.CANCELLED)
        return tuple((day_of(received_at), status != OutgoingStatus.HELD or reason == dry)
                     for received_at, status, reason in self._session.exec(rows))
