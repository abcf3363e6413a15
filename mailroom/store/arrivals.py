"""Arrivals: every time a letter came, unique by source and key."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, inspect, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from mailroom.model.arrival import Arrival, Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.store.originals import Kept
from mailroom.store.tables import ArrivalTable, ItemTable
from mailroom.store.turns import take_turn

ERASED_KEY = "erased:"
_AT_ONCE = 500
"""Keys asked for in one statement; below the parameter limits of both databases."""
_INSERT = insert(ArrivalTable)


_OF_ITEM = select_columns(inspect(ArrivalTable).local_table).where(
    col(ArrivalTable.item_id) == bindparam("item")).order_by(col(ArrivalTable.id))
_FAULTS = select_columns(col(ArrivalTable.fault)).where(
    col(ArrivalTable.item_id) == bindparam("item"), col(ArrivalTable.fault).is_not(None))


class Arrivals:
    """The arrivals inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def known(self, source: str, keys: Collection[str]) -> set[str]:
        """Those of the keys that have arrived already."""
        found: set[str] = set()
        ordered = list(keys)
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start:start + _AT_ONCE]
            found.update(self._of_keys(source, part))
            hidden = {erased_key(source, key): key for key in part if key not in found}
            found.update(hidden[key] for key in self._of_keys(source, list(hidden)) if hidden)
        return found

    def _of_keys(self, source: str, keys: list[str]) -> Iterable[str]:
        return self._session.exec(
            select(ArrivalTable.key).where(ArrivalTable.source == source, col(ArrivalTable.key).in_(keys)))

    def wait_for(self, sha256: str) -> None:
        """Who takes in the same octets at the same moment, on another machine, waits until this is noted: a letter to
        two mailboxes becomes one item."""
        take_turn(self._session, sha256)

    def item_by_key(self, source: str, key: str) -> ItemId | None:
        """The item of this very arrival, if it was noted before."""
        return self._session.exec(
            select(ArrivalTable.item_id).where(
                ArrivalTable.source == source, col(ArrivalTable.key).in_((key, erased_key(source, key))))).first()

    def between(self, source: str, first: int, last: int) -> tuple[Arrival, ...]:
        """The arrivals of a source with ids in this range, in order."""
        rows = select(ArrivalTable).where(ArrivalTable.source == source, col(ArrivalTable.id) >= first,
                                          col(ArrivalTable.id) <= last)
        return tuple(_value(row) for row in self._session.exec(rows.order_by(col(ArrivalTable.id))))

    def on_paper_since(self, since: datetime, limit: int) -> tuple[Arrival, ...]:
        """What came otherwise than by mail and was noted since then, newest first."""
        rows = select(ArrivalTable).join(ItemTable, col(ItemTable.id) == col(ArrivalTable.item_id)).where(
            ArrivalTable.noted_at >= since, ItemTable.channel != Channel.EMAIL)
        return tuple(_value(row) for row in self._session.exec(rows.order_by(col(ArrivalTable.id).desc()).limit(limit)))

    def by_key(self, source: str, key: str) -> Arrival | None:
        """This very arrival, if it was noted before."""
        row = self._session.exec(
            select(ArrivalTable).where(ArrivalTable.source == source, ArrivalTable.key == key)).first()
        return _value(row) if row else None

    def items_by_content(self, sha256: str) -> tuple[ItemId, ...]:
        """The items that came with exactly these octets, in the order in which they were made: one, or each letter of a
        scan batch. Of an erased one nobody knows the octets."""
        if not sha256:
            return ()
        first = select(ArrivalTable.item_id).where(ArrivalTable.sha256 == sha256)
        items = select(ItemTable.id).where(or_(col(ItemTable.id).in_(first), col(ItemTable.batch_id).in_(first)))
        return tuple(item for item in self._session.exec(items.order_by(col(ItemTable.id))) if item is not None)

    def known_files(self, digests: Collection[str]) -> set[str]:
        """Those of the SHA-256 of which something came before."""
        found: set[str] = set()
        ordered = list(digests)
        for start in range(0, len(ordered), _AT_ONCE):
            found.update(self._session.exec(
                select(ArrivalTable.sha256).where(col(ArrivalTable.sha256).in_(ordered[start:start + _AT_ONCE]))))
        return found

    def note(self, item_id: ItemId, incoming: Incoming, kept: Kept, now: datetime) -> None:
        """Add one arrival of this item."""
        self.note_all([(item_id, incoming, kept)], now)

    def note_all(self, arrived: Sequence[tuple[ItemId, Incoming, Kept]], now: datetime) -> None:
        """The same for many."""
        if arrived:
            self._session.connection().execute(_INSERT, [{
                "item_id": item_id, "source": incoming.source, "key": incoming.key, "file": incoming.file,
                "sha256": kept.sha256, "size": kept.size, "media_type": kept.media_type,
                "received_at": incoming.received_at, "noted_at": now, "fault": incoming.fault}
                for item_id, incoming, kept in arrived])

    def of(self, item_id: ItemId) -> tuple[Arrival, ...]:
        """The arrivals of one item, in the order in which they were noted; a letter of a scan batch came with its file.
        """
        return self.of_file(self.stands_for_file(item_id))

    def of_file(self, first: ItemId) -> tuple[Arrival, ...]:
        """The same, of the item that is known to stand for its file."""
        return tuple(_value(row) for row in self._session.connection().execute(_OF_ITEM, {"item": first}))

    def faults_of(self, item_id: ItemId) -> tuple[str, ...]:
        """What the sources had to say of this item."""
        found = self._session.connection().execute(_FAULTS, {"item": item_id}).scalars()
        return tuple(fault for fault in found if fault)

    def stands_for_file(self, item_id: ItemId) -> ItemId:
        """The item of which the arrivals of this one are noted: itself, or the first letter of its batch."""
        first = self._session.exec(select(ItemTable.batch_id).where(ItemTable.id == item_id)).first()
        return item_id if first is None else first

    def give_to(self, item_id: ItemId, other: ItemId) -> None:
        """All arrivals of `item_id` become further arrivals of `other`."""
        for row in self._session.exec(select(ArrivalTable).where(ArrivalTable.item_id == item_id)):
            row.item_id = other
            self._session.add(row)
        self._session.flush()

    def keys(self, source: str) -> set[str]:
        """Every key of a source, to reconcile the server with the register."""
        return set(self._session.exec(select(ArrivalTable.key).where(ArrivalTable.source == source)))

    def latest_digests(self, limit: int) -> tuple[str, ...]:
        """The SHA-256 of what came last."""
        rows = select(ArrivalTable.sha256).where(ArrivalTable.sha256 != "").order_by(col(ArrivalTable.id).desc())
        return tuple(self._session.exec(rows.limit(limit)))

    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of every file that must be on disk: originals, and searchable copies of scans."""
        originals = self._session.exec(select(ArrivalTable.sha256).where(ArrivalTable.sha256 != "").distinct())
        copies = self._session.exec(select(ItemTable.copy_sha256).where(col(ItemTable.copy_sha256).is_not(None)))
        return tuple({*originals, *(sha256 for sha256 in copies if sha256)})


def erased_key(source: str, key: str) -> str:
    """What stands for the key of an erased letter, which may hold a file's name: it is still known, so that what lies
    in the source is not taken in again, and says nothing."""
    return ERASED_KEY + hashlib.sha256(f"{source}\n{key}".encode()).hexdigest()


def _value(row: Any) -> Arrival:
    return Arrival(id=row.id or 0, item_id=row.item_id, source=row.source, key=row.key, file=row.file,
                   sha256=row.sha256, size=row.size, media_type=row.media_type, received_at=row.received_at,
                   noted_at=row.noted_at)
