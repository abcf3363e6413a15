"""How long letters are kept, and the acts by which they are destroyed (номенклатура на делата, ЗНАФ чл. 43-49)."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.findings import Kind


class Other(StrEnum):
    """What is no kind of correspondence."""

    NONCORRESPONDENCE = "noncorrespondence"
    SEALED = "sealed"


class RecordClass(Value):
    """One line of the nomenclature."""

    id: str
    """The index of the file, as in the approved nomenclature."""
    name: str
    kinds: tuple[Kind, ...] = ()
    other: Other | None = None
    years: int = Field(ge=0)
    """After the year in which it was closed; 0: for ever."""
    basis: str
    """Why so long."""


class DueYear(Value):
    """What may be destroyed of one class, closed in one year."""

    record_class: RecordClass
    year: int
    item_ids: tuple[ItemId, ...]


class ActState(StrEnum):
    """How far an act is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """The signed paper is entered; its items are being destroyed."""
    CARRIED_OUT = "carried_out"
    WITHDRAWN = "withdrawn"


class Act(Value):
    """An act of destruction: one person proposes it, another one, with the signed paper, approves it."""

    id: int
    class_id: str
    class_name: str
    year: int
    item_ids: tuple[ItemId, ...]
    sealed: bool
    state: ActState
    proposed_by: str
    proposed_at: Instant
    number: str = ""
    """As on the signed paper, with its day and whoever approved it."""
    dated: date | None = None
    approver: str = ""
    approved_by: str = ""
    """Login of who entered the approval."""
    approved_at: Instant | None = None
    left_out: tuple[ItemId, ...] = ()
    """What was not destroyed after all: opened again, or in one file with letters that are kept."""
