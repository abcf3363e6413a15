"""The append-only history: who did what to which item, each line chained to the one before by its hash."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.item import HistoryLine
from mailroom.store.tables import HistoryTable

GENESIS = "0" * 64


class History:
    """The history inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, what: str, *, who: str, at: datetime, item_id: ItemId | None = None, **details: Any) -> None:
        """Append one line. Details are ids, numbers and field names, never a citizen's words."""
        # Written at once, not at the end of the transaction, so that the next line finds this one as its predecessor.
        self._session.flush()
        last = self._session.exec(select(HistoryTable).order_by(col(HistoryTable.sequence).desc()).limit(1)).first()
        line = HistoryTable(
            sequence=last.sequence + 1 if last else 1, at=at, who=who, what=what, item_id=item_id,
            details=json.dumps(details, ensure_ascii=False, sort_keys=True, default=str),
            previous_hash=last.hash if last else GENESIS, hash="",
        )
        line.hash = _hash(line)
        self._session.add(line)
        self._session.flush()

    def of(self, item_id: ItemId) -> tuple[HistoryLine, ...]:
        """The lines of one item, oldest first."""
        lines = select(HistoryTable).where(HistoryTable.item_id == item_id).order_by(col(HistoryTable.sequence))
        return tuple(_value(line) for line in self._session.exec(lines))

    def faults(self) -> list[str]:
        """What is wrong with the chain; empty when nobody has changed a line."""
        faults, previous, expected = [], GENESIS, 1
        for line in self._session.exec(select(HistoryTable).order_by(col(HistoryTable.sequence))):
            if line.sequence != expected:
                faults.append(f"history: line {expected} is missing")
            if line.previous_hash != previous or line.hash != _hash(line):
                faults.append(f"history: line {line.sequence} was changed after it was written")
            previous, expected = line.hash, line.sequence + 1
        return faults

    def head(self) -> str:
        """Hash of the last line: noted elsewhere (the digest), it shows a chain that was rewritten as a whole."""
        return self.last()[1]

    def last(self) -> tuple[int, str]:
        """Number and hash of the last line: while they are the same, nothing has happened to any item."""
        last = self._session.exec(select(HistoryTable).order_by(col(HistoryTable.sequence).desc()).limit(1)).first()
        return (last.sequence, last.hash) if last else (0, GENESIS)


def _hash(line: HistoryTable) -> str:
    """Over everything the line says and the hash before it."""
    said = [line.previous_hash, line.sequence, line.at.isoformat(), line.who, line.what, line.item_id, line.details]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _value(line: HistoryTable) -> HistoryLine:
    return HistoryLine(sequence=line.sequence, at=line.at, who=line.who, what=line.what, item_id=line.item_id,
                       details=json.loads(line.details))
