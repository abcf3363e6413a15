"""What the proof asks of the register, a page at a time, so that a million letters need no more memory than ten.

The history tells of every number that was given and of every file that came. So a line of the register, or an arrival,
that was put in, changed or taken out beside the program is found.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.outgoing import LetterType
from mailroom.model.proof import HistoryHead, read_head
from mailroom.store.arrivals import ERASED_KEY
from mailroom.store.tables import (
    ArrivalTable,
    EntryTable,
    HistoryTable,
    ItemTable,
    JoinedScanTable,
    MilestoneTable,
    OutgoingTable,
)

PAGE = 500
"""Below the parameter limits of both databases."""
REGISTERED = "registered"
_CAME = ("arrived", "arrived_again", "taken_down")
DIGEST = "digest"
"""The milestone that keeps with which head the day's digest went out."""
HEAD_WORDS, OLD_HEAD_WORDS = "Знак на историята:", "Отпечатък на историята:"
"""What stands before a mark in a digest, and stood there before marks had a number."""


class Proving:
    """The questions inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- the register against the history --------------------------------------------------------------------------

    def contradictions(self, lines: Sequence[Row[Any]]) -> list[str]:
        """What these lines of the history tell and the register does not."""
        said = [(line, json.loads(line.details)) for line in lines
                if line.details and line.what in (REGISTERED, *_CAME)]
        registered = {line.item_id: told["number"] for line, told in said if "number" in told}
        came = {told["sha256"]: line for line, told in said if "sha256" in told}
        return [*self._other_numbers(registered), *self._gone(came)]

    def _other_numbers(self, registered: dict[ItemId, str]) -> Iterator[str]:
        for ids in _pages(list(registered)):
            rows = select_columns(col(EntryTable.item_id), col(EntryTable.registration_number)).where(
                col(EntryTable.item_id).in_(ids))
            now: dict[ItemId, str] = {row[0]: row[1] for row in self._session.connection().execute(rows)}
            for item_id in ids:
                if now.get(item_id) != registered[item_id]:
                    stands = f"stands as {now[item_id]}" if item_id in now else "is not there any more"
                    yield (f"register: number {registered[item_id]} was given to item {item_id} and {stands}: "
                           "compare with the last backup")

    def _gone(self, came: dict[str, Row[Any]]) -> Iterator[str]:
        for digests in _pages(list(came)):
            for sha256 in set(digests) - self.known(digests):
                line = came[sha256]
                yield (f"register: what came as {sha256[:16]}… (history line {line.sequence}, item {line.item_id}) is "
                       "not there any more: compare with the last backup")

    def unsaid_numbers(self, limit: int) -> list[str]:
        """Numbers of which the history knows nothing: put in beside the program."""
        said = select(HistoryTable.sequence).where(HistoryTable.item_id == EntryTable.item_id,
                                                   HistoryTable.what == REGISTERED).exists()
        rows = select(EntryTable.registration_number).where(~said).order_by(col(EntryTable.item_id)).limit(limit)
        return [f"register: the history knows nothing of number {number}: find out who put it in"
                for number in self._session.exec(rows)]

    # -- files -----------------------------------------------------------------------------------------------------

    def originals_after(self, last: str) -> Sequence[str]:
        """The next files that must be on disk, in the order of their SHA-256."""
        rows = select(ArrivalTable.sha256).where(ArrivalTable.sha256 > last).distinct()
        return self._session.exec(rows.order_by(col(ArrivalTable.sha256)).limit(PAGE)).all()

    def copies_after(self, last: ItemId) -> Sequence[tuple[ItemId, str]]:
        """The next searchable copies that must be on disk, in the order of their items."""
        rows = select_columns(col(ItemTable.id), col(ItemTable.copy_sha256)).where(
            col(ItemTable.id) > last, col(ItemTable.copy_sha256).is_not(None))
        found = self._session.connection().execute(rows.order_by(col(ItemTable.id)).limit(PAGE))
        return [(item_id, sha256) for item_id, sha256 in found if item_id is not None and sha256]

    def known(self, digests: Collection[str]) -> set[str]:
        """Those of the files that the register knows."""
        found: set[str] = set()
        columns: tuple[Any, ...] = (col(ArrivalTable.sha256), col(ItemTable.copy_sha256), col(JoinedScanTable.sha256))
        for part in _pages(list(digests)):
            for column in columns:
                rows = select_columns(column).where(column.in_(part))
                found.update(row[0] for row in self._session.connection().execute(rows) if row[0])
        return found

    def keys_after(self, source: str, last: str) -> Sequence[str]:
        """The next keys that came from a source, in their order."""
        rows = select(ArrivalTable.key).where(
            ArrivalTable.source == source, ArrivalTable.key > last, ~col(ArrivalTable.key).startswith(ERASED_KEY))
        return self._session.exec(rows.order_by(col(ArrivalTable.key)).limit(PAGE)).all()

    # -- marks of earlier days -------------------------------------------------------------------------------------

    def heads(self) -> Iterator[HistoryHead]:
        """The marks that went out with digests: as noted when they were sent, and as the letters themselves show."""
        for result in self._session.exec(select(MilestoneTable.result).where(MilestoneTable.name == DIGEST)):
            if result:
                yield HistoryHead.model_validate_json(result)
        last = 0
        while letters := self._digests_after(last):
            last = letters[-1][0]
            yield from (head for letter in letters if (head := _head_of(letter.text)))

    def _digests_after(self, last: int) -> Sequence[Row[Any]]:
        rows = select_columns(col(OutgoingTable.id), col(OutgoingTable.text)).where(
            col(OutgoingTable.type) == LetterType.DIGEST, col(OutgoingTable.id) > last)
        return list(self._session.connection().execute(rows.order_by(col(OutgoingTable.id)).limit(PAGE)))


def _pages(things: list[Any]) -> Iterator[list[Any]]:
    return (things[start:start + PAGE] for start in range(0, len(things), PAGE))


def _head_of(text: str) -> HistoryHead | None:
    """The mark that a digest shows; of earlier digests the beginning of a hash without its line's number."""
    if HEAD_WORDS in text:
        return read_head(text.partition(HEAD_WORDS)[2])
    old = text.partition(OLD_HEAD_WORDS)[2].split()
    return HistoryHead(number=None, mark=old[0]) if old else None
