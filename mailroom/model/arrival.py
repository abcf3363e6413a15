"""What a source hands to the intake, and what the register remembers of it."""

from enum import StrEnum

from mailroom.model.base import Instant, ItemId, Value


class Channel(StrEnum):
    """By which way a letter reached the municipality (АПК чл. 29; НОДА 70: вид на пренос)."""

    EMAIL = "email"
    PAPER = "paper"
    COUNTER = "counter"
    PHONE = "phone"
    BOX = "box"
    FAX = "fax"
    PORTAL = "portal"


class Incoming(Value):
    """One thing a source has found, with its bytes still in memory and not yet kept."""

    source: str
    """Name of the mailbox or scan folder, as configured: `center@example.bg`."""
    key: str
    """Identifies this arrival for ever within `source`, so that seeing it again after a crash is no second arrival:
    folder/UIDVALIDITY/UID for IMAP, path/mtime/size for a file."""
    file: str
    """The file's name, or a name made up from the key for a message on a server. For people; never used as a path."""
    content: bytes
    """The original octets, complete and unchanged."""
    received_at: Instant
    """The server's INTERNALDATE for mail, never the Date header; for paper the moment of scanning."""
    channel: Channel
    fault: str | None = None
    """A sentence in Bulgarian for the clerk when the source could not hand over everything (a message too large)."""


class Arrival(Value):
    """One time that a letter came: kept bytes and where they were found. An item has one or more."""

    id: int
    item_id: ItemId
    source: str
    key: str
    file: str
    sha256: str
    """Of the original octets; also the name under which they are kept."""
    size: int
    """In octets."""
    media_type: str
    """Judged by content (libmagic), not by name."""
    received_at: Instant
    noted_at: Instant
    """When the arrival was committed to the register."""
