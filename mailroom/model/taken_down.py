"""What a clerk enters at the counter: a letter brought in, a complaint told by word of mouth, a telephone call."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from mailroom.model.arrival import Channel
from mailroom.model.base import Instant, ItemId, Value


class Brought(StrEnum):
    """How it came before the clerk."""

    COUNTER = "counter"
    """A letter, handed over in person."""
    ORAL = "oral"
    """Told at the counter: a record (протокол) is made and signed (АПК чл. 29, ал. 5)."""
    PHONE = "phone"
    """Told by telephone: a record too, signed by the clerk alone."""
    BOX = "box"
    POST = "post"
    """By post or courier, entered before it is scanned."""

    @property
    def channel(self) -> Channel:
        """The channel of the register."""
        return _CHANNELS[self]

    @property
    def spoken(self) -> bool:
        """Whether there is no letter but the record."""
        return self in (Brought.ORAL, Brought.PHONE)


_CHANNELS = {Brought.COUNTER: Channel.COUNTER, Brought.ORAL: Channel.COUNTER, Brought.PHONE: Channel.PHONE,
             Brought.BOX: Channel.BOX, Brought.POST: Channel.PAPER}


class TakenDown(Value):
    """What was entered, as it was entered; kept beside the item, whose fields people may correct later."""

    brought: Brought
    label: str
    """The text of the code on its label: a scan whose first page bears it is this item's document."""
    by: str
    """Login of the clerk."""
    by_name: str
    at: Instant
    """When it was entered."""
    in_hand: bool
    """The citizen waits for a receipt: given in hand, it is the confirmation (НОДА чл. 133)."""
    sheets: int | None = None
    enclosures: str = ""
    text: str = ""
    """What was told, or what the letter is about."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """Typed fields by the paths of `understanding/corrections.py`."""
    address: str = ""
    """In one line, as typed."""

    @property
    def words(self) -> str:
        """What was entered, signed with name and address as a letter is."""
        signed = [str(self.fields[path]) for path in ("sender_name", "organisation") if self.fields.get(path)]
        signature = "\n".join([*signed, self.address] if signed and self.address else signed)
        return "\n\n".join(part for part in (self.text or self.fields.get("subject", ""), signature) if part)


class JoinedScan(Value):
    """A scan that was found to be the paper of an item which was entered before."""

    item_id: ItemId
    sha256: str
    """Of the file."""
    pages: tuple[int, ...]
    """Of the file, 1-based, in their order; the item counts its pages through all its scans."""
    joined_at: Instant
