"""What the register remembers of the backups that were made of it."""

from datetime import date

from mailroom.model.base import Instant, Value


class KeptBackup(Value):
    """One backup file."""

    id: int
    file: str
    """Whole path on the machine that made it."""
    made_at: Instant
    size: int
    sha256: str
    """Of the file as it lies there."""
    encrypted: bool
    whole: bool
    """Every original that the register named was in it, as it was kept."""
    rotated: bool
    """In the folder of the nightly backups, where it goes when enough newer ones are there."""
    removed_at: Instant | None = None
    """When we removed it; null while nothing of ours did."""


class StillThere(Value):
    """A backup that still holds what was erased from the register."""

    file: str
    made_at: Instant
    encrypted: bool
    expires: date | None
    """When the rotation removes it; null: whoever has it must."""
    there: bool = True
    """False: the file is not where it was written; somebody may have moved it."""
