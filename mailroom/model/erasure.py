"""Erasing a person's data, and destroying what need not be kept any longer; what stays is a stub."""

from enum import StrEnum

from mailroom.model.backup import StillThere
from mailroom.model.base import Instant, ItemId, Value


class Ground(StrEnum):
    """Why an item's content is gone."""

    REQUEST = "request"
    """The person asked for it (ОРЗД чл. 17)."""
    UNLAWFUL = "unlawful"
    """It should never have been kept (ОРЗД чл. 17(1)(г))."""
    ACT = "act"
    """Its term is over and an approved act says so (ЗНАФ чл. 49)."""


class Erased(Value):
    """That an item was erased, by whom and why."""

    item_id: ItemId
    at: Instant
    by: str
    ground: Ground
    basis: str
    """The legal reason in words, as the stub shows it; of a destruction number and date of the act."""


class Leftover(Value):
    """Words of what was erased that stand elsewhere: a person decides about them."""

    table: str
    key: str
    item_id: ItemId | None = None


class ErasurePlan(Value):
    """What erasing these items means, before it is done."""

    item_ids: tuple[ItemId, ...]
    """Those that were chosen, with bounces and automatic answers to letters about them."""
    numbers: tuple[str, ...]
    letters: int
    """Letters of ours about them."""
    files: int
    """Originals and copies."""
    obstacles: tuple[str, ...] = ()
    """Why it cannot be done now, a sentence each in Bulgarian; empty when it can."""
    still_at: tuple[str, ...] = ()
    """Where the letters may still lie outside of the register: mailboxes and folders from which they came."""
    backups: tuple[StillThere, ...] = ()


class ErasureDone(Value):
    """What was erased, and what is left to people."""

    plan: ErasurePlan
    files: int
    """Files removed from the disk."""
    clean: bool
    """False: the database was busy; what it keeps of removed rows is overwritten in the night."""
    leftovers: tuple[Leftover, ...] = ()
