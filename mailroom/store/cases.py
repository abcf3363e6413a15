"""Which letters are one преписка: each follows the one that began it (НОДА чл. 41, 87)."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel import Session, col, select

from mailroom.folding import number_key
from mailroom.model.base import ItemId, midnight
from mailroom.store.tables import EntryTable, ItemTable, OutgoingTable
from mailroom.store.turns import OTHERS_WAIT


class Cases:
    """The cases inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def beginning_of(self, item_id: ItemId) -> ItemId:
        """The item that began the case of this one; itself where it follows none."""
        return self._row(item_id).case_of or item_id

    def _held_beginning_of(self, item_id: ItemId) -> ItemId:
        """The same, with nobody else putting that case into another before this transaction ends."""
        first, held = self.beginning_of(item_id), None
        while first != held:
            row = self._row(first)
            self._session.refresh(row, with_for_update=OTHERS_WAIT)
            held, first = first, row.case_of or first
        return first

    def answered_by(self, item_id: ItemId) -> ItemId:
        """What this mail answers where it is our own answer: of the case suggested for it, or joined; else itself."""
        row = self._row(item_id)
        return row.suggested_case or row.case_of or item_id

    def members(self, item_id: ItemId) -> tuple[ItemId, ...]:
        """Every item of the case of this one, the one that began it first; itself alone where nothing follows."""
        return self.members_of(self.beginning_of(item_id))

    def members_of(self, first: ItemId) -> tuple[ItemId, ...]:
        """Every item of the case that this one began, itself first."""
        followers = select(ItemTable.id).where(ItemTable.case_of == first).order_by(col(ItemTable.id))
        return (first, *(member for member in self._session.exec(followers) if member is not None))

    def join(self, item_id: ItemId, other: ItemId) -> ItemId:
        """The item, and what follows it, belongs to the case of the other from now on; the one that began that."""
        first = self._held_beginning_of(other)
        for member in self.members(item_id) if self._row(item_id).case_of is None else (item_id,):
            self.put(member, first)
        return first

    def put(self, item_id: ItemId, first: ItemId | None, *, suggested: ItemId | None = None) -> None:
        """The item alone belongs to the case that `first` began; null: it is one of its own, under its own number,
        and may belong to the `suggested` one."""
        row, begun = self._row(item_id), self._session.get(EntryTable, first) if first is not None else None
        row.case_of, row.suggested_case = first, suggested
        self._session.add(row)
        entry = self._session.get(EntryTable, item_id)
        if entry is not None and (begun is not None or first is None):
            entry.joined_case = begun.case_number if begun is not None else ""
            self._session.add(entry)
        self._session.flush()

    def suggest(self, item_id: ItemId, other: ItemId | None) -> None:
        """The item may belong to the case of the other: a person decides. Null: to none."""
        row = self._row(item_id)
        row.suggested_case = other
        self._session.add(row)

    def by_our_letters(self, message_ids: Collection[str]) -> tuple[ItemId, ...]:
        """The items about which letters of ours with these Message-IDs were written, the newest letter first."""
        rows = select(OutgoingTable.item_id).where(
            col(OutgoingTable.message_id).in_(message_ids), col(OutgoingTable.item_id).is_not(None),
            OutgoingTable.message_id != "")
        return _each_once(self._session.exec(rows.order_by(col(OutgoingTable.id).desc())).all())

    def by_their_mails(self, message_ids: Collection[str]) -> tuple[ItemId, ...]:
        """The items that came with these Message-IDs, the newest first."""
        rows = select(ItemTable.id).where(col(ItemTable.message_id).in_(message_ids), ItemTable.message_id != "")
        return _each_once(self._session.exec(rows.order_by(col(ItemTable.id).desc())).all())

    def by_number(self, number: str, on: date | None) -> tuple[ItemId, ...]:
        """The items of this number, however it is written, the newest first; registered `on` that day where given.

        number: a registration number, or a case number where `on` is null or stands beside it.
        """
        key = number_key(number)
        rows = select(EntryTable.item_id).where((col(EntryTable.case_key) == key) | (col(EntryTable.number_key) == key))
        if on is not None:
            start = midnight(on)
            rows = rows.where(EntryTable.registered_at >= start, EntryTable.registered_at < start + timedelta(days=1))
        return _each_once(self._session.exec(rows.order_by(col(EntryTable.registered_at).desc())).all())

    def _row(self, item_id: ItemId) -> ItemTable:
        return self._session.get_one(ItemTable, item_id)


def _each_once(ids: Collection[ItemId | None]) -> tuple[ItemId, ...]:
    return tuple(dict.fromkeys(item_id for item_id in ids if item_id is not None))
