"""What an item was before each thing that a person did with it, so that the last of them can be taken back.

Only what can be taken back is noted: a decision, a mark, an assignment, a correction, a merger. The history keeps both
the deed and its undoing. It goes with the item (ON DELETE CASCADE).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.entry import Assignment
from mailroom.store.entries import Entries
from mailroom.store.tables import EntryTable, ItemTable, UndoTable

DECISION = ("status", "outcome", "decision_state", "decision_by", "decision_at", "decision_reason", "needs_review")
FIELDS: dict[str, tuple[str, ...]] = {
    "decided": DECISION, "corrected": ("corrections", *DECISION), "merged": ("status", "merged_into"),
    "set_aside_confirmed": ("noncorrespondence_confirmed",), "answered": ("status",), "forwarded": ("status",),
    "closed": ("status",), "annulled": ("status",), "registered": ("status",), "assigned": (),
}
"""What each deed changes in the item's row; an assignment stands in the register's line."""

_LAST = select(UndoTable).where(col(UndoTable.item_id) == bindparam("item")).order_by(
    col(UndoTable.id).desc()).limit(1)


class Deed(Value):
    """Something that a person did and can take back."""

    id: int
    item_id: ItemId
    what: str
    who: str
    at: Instant


class Undo:
    """The deeds inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, item_id: ItemId, what: str, *, who: str, at: datetime) -> None:
        """Before it is done: how the item stands."""
        row = self._session.get_one(ItemTable, item_id)
        entry = self._session.get(EntryTable, item_id)
        before = {name: getattr(row, name) for name in FIELDS[what]}
        if before.get("decision_at"):
            before["decision_at"] = before["decision_at"].isoformat()
        self._session.add(UndoTable(item_id=item_id, what=what, who=who, at=at, before=before,
                                    assigned_to=entry.assigned_to if entry else None))
        self._session.flush()

    def last(self, item_id: ItemId) -> Deed | None:
        """The last that was done with the item; null when nothing can be taken back."""
        row = self._session.execute(_LAST, {"item": item_id}).scalars().first()
        if row is None or row.id is None:
            return None
        return Deed(id=row.id, item_id=row.item_id, what=row.what, who=row.who, at=row.at)

    def still(self, ids: Sequence[int], who: str) -> tuple[Deed, ...]:
        """Those of these deeds that are this person's and have not been taken back, in their order."""
        rows = select(UndoTable).where(col(UndoTable.id).in_(ids), UndoTable.who == who).order_by(col(UndoTable.id))
        return tuple(Deed(id=row.id or 0, item_id=row.item_id, what=row.what, who=row.who, at=row.at)
                     for row in self._session.exec(rows))

    def take_back(self, deed: Deed) -> None:
        """The item's row and officer as they were before; what follows from them is the caller's."""
        noted, row = self._session.get_one(UndoTable, deed.id), self._session.get_one(ItemTable, deed.item_id)
        for name, value in noted.before.items():
            setattr(row, name, datetime.fromisoformat(value) if name == "decision_at" and value else value)
        self._session.add(row)
        if noted.assigned_to and deed.what in ("assigned", "corrected"):
            Entries(self._session).assign(deed.item_id, Assignment.model_validate_json(noted.assigned_to))
        self._session.delete(noted)
        self._session.flush()
