"""The proof that nothing is lost: what lies in each mailbox and folder, against the register."""

from datetime import date

from mailroom.model.base import Instant, Value


class SourceProof(Value):
    """One source, compared."""

    source: str
    there: int | None = None
    """How many messages or files lie in it; null when it could not be reached."""
    missing: int = 0
    """How many of them the register does not know."""


class Proof(Value):
    """What one look at every source has shown."""

    at: Instant
    sources: tuple[SourceProof, ...] = ()

    @property
    def missing(self) -> int:
        """Messages and files that the register does not know."""
        return sum(one.missing for one in self.sources)


class LastVerification(Value):
    """The last time that numbers, originals and history were proved."""

    on: date
    faults: int
