"""What an item was before each thing that a person did with it, so that the last of them can be taken back.

Only what can be taken back is noted: a decision, a mark, an assignment, a correction, a merger, a division, that
something is a letter after all, that it is our answer, to which case it belongs, that an inspection is needed. Some of
these reach several items (the parts of a file, what is answered): each has a row of its own, and all rows of one act
are taken back together. The history keeps both the deed and its undoing. It goes with the item (ON DELETE CASCADE).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, or_
from sqlmodel import Session, col, select

from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.entry import Assignment
from mailroom.store.cases import Cases
from mailroom.store.entries import Entries
from mailroom.store.tables import EntryTable, ItemTable, UndoTable

CASE = ("case_of", "suggested_case")
DECISION = ("status", "outcome", "decision_state", "decision_by", "decision_at", "decision_reason", "needs_review")
FIELDS: dict[str, tuple[str, ...]] = {
    "decided": DECISION, "corrected": ("corrections", *DECISION), "merged": ("status", "merged_into"),
    "set_aside_confirmed": ("noncorrespondence_confirmed",), "answered": ("status",), "forwarded": ("status",),
    "closed": ("status",), "annulled": ("status",), "registered": ("status",), "assigned": (),
    "split": (), "kept_whole": (), "split_off": (),
    "reclassified": ("status", "corrections", "noncorrespondence_confirmed"),
    "answer_filed": ("status", *CASE), "joined_case": CASE, "left_case": CASE, "inspection_needed": (),
}
"""What each deed changes in the item's row; an assignment stands in the register's line, and the pages of a divided
file are put together again from its letters."""

_ROUTES = frozenset({"assigned", "corrected", "split", "left_case"})
"""Deeds by which an item may have got another officer."""
_ACT = func.coalesce(UndoTable.act, UndoTable.id)
"""The act to which a deed belongs, by the number of its first."""
_LAST = select(UndoTable).where(col(UndoTable.item_id) == bindparam("item")).order_by(
    col(UndoTable.id).desc()).limit(1)


class Deed(Value):
    """Something that a person did and can take back."""

    id: int
    item_id: ItemId
    what: str
    who: str
    at: Instant
    act: int
    """The first deed of the same act; its own number where the act has but one."""


class Undo:
    """The deeds inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, item_id: ItemId, what: str, *, who: str, at: datetime, act: int | None = None) -> int:
        """Before it is done: how the item stands. `act`: the act of which this is a further deed, as returned for its
        first. Returns the act."""
        row = self._session.get_one(ItemTable, item_id)
        entry = self._session.get(EntryTable, item_id)
        before = {name: getattr(row, name) for name in FIELDS[what]}
        if before.get("decision_at"):
            before["decision_at"] = before["decision_at"].isoformat()
        noted = UndoTable(item_id=item_id, what=what, who=who, at=at, before=before, act=act,
                          assigned_to=entry.assigned_to if entry else None)
        self._session.add(noted)
        self._session.flush()
        assert noted.id is not None
        return act or noted.id

    def last(self, item_id: ItemId) -> Deed | None:
        """The last that was done with the item; null when nothing can be taken back."""
        row = self._session.execute(_LAST, {"item": item_id}).scalars().first()
        return _deed(row) if row else None

    def of_act(self, deed: Deed) -> tuple[Deed, ...]:
        """Everything that was done by the same act, this deed among it, in its order."""
        rows = select(UndoTable).where(or_(col(UndoTable.id) == deed.act, col(UndoTable.act) == deed.act))
        return tuple(map(_deed, self._session.exec(rows.order_by(col(UndoTable.id)))))

    def still(self, ids: Sequence[int], who: str) -> tuple[Deed, ...]:
        """Those of these deeds that are this person's and have not been taken back, in their order."""
        rows = select(UndoTable).where(col(UndoTable.id).in_(ids), UndoTable.who == who).order_by(col(UndoTable.id))
        return tuple(map(_deed, self._session.exec(rows)))

    def take_back(self, deed: Deed) -> None:
        """The item's row and officer as they were before; what follows from them is the caller's."""
        noted, row = self._session.get_one(UndoTable, deed.id), self._session.get_one(ItemTable, deed.item_id)
        for name, value in noted.before.items():
            setattr(row, name, datetime.fromisoformat(value) if name == "decision_at" and value else value)
        self._session.add(row)
        if "case_of" in noted.before:
            Cases(self._session).put(deed.item_id, noted.before["case_of"], suggested=noted.before["suggested_case"])
        if noted.assigned_to and deed.what in _ROUTES:
            Entries(self._session).assign(deed.item_id, Assignment.model_validate_json(noted.assigned_to))
        self._session.delete(noted)
        self._session.flush()

    def forget(self, item_id: ItemId) -> None:
        """Nothing that reached this item can be taken back any more, with whatever else it reached."""
        acts = self._session.exec(select(_ACT).where(col(UndoTable.item_id) == item_id)).all()
        self._session.exec(delete(UndoTable).where(or_(col(UndoTable.id).in_(acts), col(UndoTable.act).in_(acts))))


def _deed(row: UndoTable) -> Deed:
    assert row.id is not None
    return Deed(id=row.id, item_id=row.item_id, what=row.what, who=row.who, at=row.at, act=row.act or row.id)
