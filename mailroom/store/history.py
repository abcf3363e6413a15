"""The append-only history: who did what to which item, each line chained to the one before by its hash.

    details_hash = SHA-256(salt, details)
    hash         = SHA-256(hash before, number, moment, who, what, item, details_hash, old_hash)

The chain goes over the salted hash of the details, never over the details: when an item is erased, details and salt of
its lines are removed, and every line can still be proved while nobody can guess what it said (ОРЗД чл. 17).

`old_hash` is what lines written before there were salts are chained by, over the details themselves. It lies under the
new chain, so that the marks in digests of that time still prove something; it is checked where the details are there.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.item import HistoryLine
from mailroom.model.proof import HistoryHead
from mailroom.store.tables import HistoryTable
from mailroom.store.turns import HISTORY, take_turn

GENESIS = "0" * 64
PAGE = 2000
"""Lines read at once; a register of a million letters has ten million."""
ERASED = "erased"
"""The line that says why the details of an item's earlier lines are gone."""
KEPT_OF_ERASED = frozenset({"registered", "decided", ERASED})
"""Lines whose details stay: number, term, officer, outcome."""
_SALT_OCTETS = 16
_LINE = (col(HistoryTable.sequence), col(HistoryTable.at), col(HistoryTable.who), col(HistoryTable.what),
         col(HistoryTable.item_id), col(HistoryTable.details), col(HistoryTable.salt), col(HistoryTable.details_hash),
         col(HistoryTable.old_hash), col(HistoryTable.previous_hash), col(HistoryTable.hash))
_LAST = select(HistoryTable.sequence, HistoryTable.hash).order_by(col(HistoryTable.sequence).desc()).limit(1)
_INSERT = insert(HistoryTable)
_NOTED = "noted"
"""Where a session keeps the lines that it is yet to write."""
_OF_ITEM = select(HistoryTable).where(col(HistoryTable.item_id) == bindparam("item")).order_by(
    col(HistoryTable.sequence))


class _Line(NamedTuple):
    """What was noted and is not chained yet."""

    at: datetime
    who: str
    what: str
    item_id: ItemId | None
    details: str
    salt: str
    details_hash: str


class History:
    """The history inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, what: str, *, who: str, at: datetime, item_id: ItemId | None = None, **details: Any) -> None:
        """Append one line. Details are ids, numbers and field names, never a citizen's words."""
        said, salt = json.dumps(details, ensure_ascii=False, sort_keys=True, default=str), secrets.token_hex(
            _SALT_OCTETS)
        self._session.info.setdefault(_NOTED, []).append(_Line(
            at=at, who=who, what=what, item_id=item_id, details=said, salt=salt,
            details_hash=hash_of_details(salt, said)))

    def write(self) -> None:
        """Chain and write what was noted; the store does so at the end of each transaction, so that whoever else notes
        waits no longer than for the writing. After everything else is written: who has this turn asks for no other."""
        noted: list[_Line] = self._session.info.pop(_NOTED, [])
        if not noted:
            return
        self._session.flush()
        take_turn(self._session, HISTORY)
        sequence, previous = self._session.exec(_LAST).first() or (0, GENESIS)
        rows = []
        for line in noted:
            sequence += 1
            row = {**line._asdict(), "sequence": sequence, "old_hash": "", "previous_hash": previous}
            previous = row["hash"] = _hash(line, sequence, "", previous)
            rows.append(row)
        self._session.connection().execute(_INSERT, rows)

    def of(self, item_id: ItemId) -> tuple[HistoryLine, ...]:
        """The lines of one item, oldest first."""
        self.write()
        return tuple(_value(line) for line in self._session.execute(_OF_ITEM, {"item": item_id}).scalars())

    def erase_details(self, item_id: ItemId) -> int:
        """Remove what the lines of an item say, with their salts; that they were written can still be proved. Returns
        of how many. The caller notes why, as `ERASED`."""
        self.write()
        self._session.flush()
        done = self._session.exec(
            update(HistoryTable).where(col(HistoryTable.item_id) == item_id,
                                       col(HistoryTable.what).not_in(KEPT_OF_ERASED))
            .values(details="", salt=""))
        return int(done.rowcount)

    def lines_after(self, sequence: int, limit: int = PAGE) -> Sequence[Row[Any]]:
        """The next lines, for the proof."""
        rows = select_columns(*_LINE).where(col(HistoryTable.sequence) > sequence)
        return list(self._session.connection().execute(rows.order_by(col(HistoryTable.sequence)).limit(limit)))

    def erased_items(self, item_ids: Collection[ItemId]) -> set[ItemId]:
        """Those of which a line says that they were erased."""
        rows = select(HistoryTable.item_id).where(HistoryTable.what == ERASED, col(HistoryTable.item_id).in_(item_ids))
        return {item_id for item_id in self._session.exec(rows) if item_id is not None}

    def faults(self) -> list[str]:
        """What is wrong with the chain; empty when nobody has changed a line."""
        chain = Chain()
        faults: list[str] = []
        while lines := self.lines_after(chain.number):
            for line in lines:
                faults += chain.faults_of(line)
            faults += chain.unexplained(self)
        return faults

    def began_at(self) -> datetime | None:
        """When the first line was written; null in an empty register."""
        return self._session.exec(select(HistoryTable.at).order_by(col(HistoryTable.sequence)).limit(1)).first()

    def head(self) -> HistoryHead:
        """The last line: noted elsewhere (the digest), it shows a history that was rewritten as a whole."""
        number, mark = self.last()
        return HistoryHead(number=number, mark=mark)

    def head_fault(self, head: HistoryHead) -> str | None:
        """Why the history is not the one that had this head; null when it is."""
        wanted = select(HistoryTable.sequence, HistoryTable.hash, HistoryTable.old_hash)
        if head.number is None:
            found = self._session.exec(wanted.where(col(HistoryTable.old_hash).startswith(head.mark)).limit(1)).first()
            return None if found else (f"history: no line has the mark {head.mark} of an earlier digest: the history "
                                       "was rewritten; restore the register from a backup of that day and compare")
        if head.number == 0:
            return None
        line = self._session.exec(wanted.where(HistoryTable.sequence == head.number)).first()
        if line is None:
            return (f"history: line {head.number} of the mark „{head.said}“ is not there any more: lines were cut off "
                    "the end, or an older backup was restored; compare with the backup of that day")
        if any(mark and mark.startswith(head.mark) for mark in line[1:]):
            return None
        return (f"history: line {head.number} has another mark than „{head.said}“, which went out with a digest: the "
                "history was rewritten; restore the register from a backup of that day and compare")

    def last(self) -> tuple[int, str]:
        """Number and hash of the last line: while they are the same, nothing has happened to any item."""
        self.write()
        return self._session.exec(_LAST).first() or (0, GENESIS)


class Chain:
    """Goes through the lines in their order; of what was seen it keeps a few numbers only."""

    def __init__(self) -> None:
        self.number, self._hash, self._old_hash = 0, GENESIS, GENESIS
        self._silent: dict[ItemId | None, int] = {}

    def faults_of(self, line: Row[Any]) -> Iterator[str]:
        """What is wrong with the next line."""
        if line.sequence != self.number + 1:
            upto = f"line {self.number + 1} is" if line.sequence == self.number + 2 else (
                f"lines {self.number + 1} to {line.sequence - 1} are")
            yield f"history: {upto} missing: compare with the last backup"
        chained = _hash(line, line.sequence, line.old_hash, line.previous_hash)
        if line.previous_hash != self._hash or line.hash != chained or not self._says_the_same(line):
            yield f"history: line {line.sequence} was changed after it was written: compare with the last backup"
        self.number, self._hash = line.sequence, line.hash
        self._old_hash = line.old_hash or self._old_hash

    def unexplained(self, history: History) -> list[str]:
        """Lines since the last call whose details are gone though nobody erased their item."""
        silent, self._silent = self._silent, {}
        erased = history.erased_items([item_id for item_id in silent if item_id is not None]) if silent else set()
        return [f"history: line {number} says nothing any more, and item {item_id} was not erased: compare with the "
                "last backup" for item_id, number in silent.items() if item_id not in erased]

    def _says_the_same(self, line: Row[Any]) -> bool:
        if not line.details:
            self._silent.setdefault(line.item_id, line.sequence)
            return True
        if line.details_hash != hash_of_details(line.salt, line.details):
            return False
        return not line.old_hash or line.old_hash == old_hash(self._old_hash, line)


def hash_of_details(salt: str, details: str) -> str:
    """What stands for the details in the chain; without the salt nobody can find them by trying."""
    return hashlib.sha256(f"{salt}\n{details}".encode()).hexdigest()


def old_hash(previous: str, line: Any) -> str:
    """As lines were chained before there were salts: over the details themselves."""
    return _sha256([previous, line.sequence, _moment(line.at), line.who, line.what, line.item_id, line.details])


def _hash(line: Any, sequence: int, old: str, previous: str) -> str:
    """Over everything that the line says, its details by their hash, and the hash before it."""
    return _sha256([previous, sequence, _moment(line.at), line.who, line.what, line.item_id, line.details_hash, old])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _sha256(said: list[Any]) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _value(line: HistoryTable) -> HistoryLine:
    return HistoryLine(sequence=line.sequence, at=line.at, who=line.who, what=line.what, item_id=line.item_id,
                       details=json.loads(line.details or "{}"))
