"""What a transaction makes ready for the engine: told before it is committed, so that a job is deferred in the same
transaction as the fact, or not at all."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import event, inspect
from sqlmodel import Session

from mailroom.model.base import Value
from mailroom.model.item import Step
from mailroom.model.outgoing import OutgoingChannel, OutgoingStatus
from mailroom.store.tables import ItemTable, OutgoingTable


class Work(StrEnum):
    """What is to be done, by how long it takes and who waits for it."""

    QUICK = "quick"
    """An item without pages to read: a mail, or a letter that was read already."""
    SCAN = "scan"
    """An item whose pages must be read."""
    COPY = "copy"
    """The searchable copy of a scan."""
    LETTER = "letter"
    """A letter to hand over."""


class Ready(Value):
    """One thing to do."""

    work: Work
    id: int
    """Of the item, or of the outgoing letter."""
    at: datetime | None = None
    """Not before; null: at once."""


class ReadyNow:
    """Collects what one session makes ready, at each flush, and what is noted besides."""

    def __init__(self, session: Session) -> None:
        self.found: dict[tuple[Work, int], Ready] = {}
        session.info[_COLLECTS] = self
        event.listen(session, "after_flush", self._look)

    def note(self, row: object) -> None:
        """Look at this row as it is now."""
        for ready in _made_ready(row):
            self.found[ready.work, ready.id] = ready

    def _look(self, session: Any, _context: Any) -> None:
        for row in (*session.new, *session.dirty):
            self.note(row)


_COLLECTS = "made ready"


def note_ready(session: Session, row: object) -> None:
    """For a row that is written without a flush."""
    collects: ReadyNow | None = session.info.get(_COLLECTS)
    if collects:
        collects.note(row)


def work_of(step: str, *, heavy: bool) -> Work:
    """How an item is to be worked on."""
    return Work.SCAN if heavy and step == Step.ARRIVED else Work.QUICK


def _made_ready(row: object) -> Sequence[Ready]:
    if isinstance(row, ItemTable):
        return _of_item(row)
    if isinstance(row, OutgoingTable):
        return _of_letter(row)
    return ()


def _of_item(row: ItemTable) -> Sequence[Ready]:
    """A new step to do, a later attempt, a copy to make. Who holds the item goes on with it unasked."""
    assert row.id is not None
    found = []
    goes_on = _changed(row, "step") and row.claimed_by is None
    if row.step != Step.SETTLED and (goes_on or (_changed(row, "next_attempt_at") and row.next_attempt_at)):
        found.append(Ready(work=work_of(row.step, heavy=row.heavy), id=row.id, at=row.next_attempt_at))
    if row.copy_due and _changed(row, "copy_due"):
        found.append(Ready(work=Work.COPY, id=row.id))
    return found


def _of_letter(row: OutgoingTable) -> Sequence[Ready]:
    assert row.id is not None
    if row.status != OutgoingStatus.QUEUED or row.channel != OutgoingChannel.EMAIL:
        return ()
    if not any(_changed(row, name) for name in ("status", "channel", "next_attempt_at", "not_before")):
        return ()
    return (Ready(work=Work.LETTER, id=row.id, at=letter_waits_until(row)),)


def letter_waits_until(row: OutgoingTable) -> datetime | None:
    """When a letter may be handed over: it can be taken back for a while, and a server may have refused it."""
    return max((at for at in (row.not_before, row.next_attempt_at) if at), default=None)


def _changed(row: object, name: str) -> bool:
    return bool(inspect(row).attrs[name].history.has_changes())
