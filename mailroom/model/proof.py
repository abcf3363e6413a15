"""The proof that nothing is lost and nothing was changed: what the last looks at sources and register have shown."""

import re
from datetime import date
from enum import StrEnum

from mailroom.model.base import Instant, Value, day_of

SHORT = 16
"""Hexadecimal digits of a line's hash that a letter shows: 64 bits, which nobody meets by trying."""
_HEAD = re.compile(r"(?<!\d)(?P<number>\d++)\D+?(?P<mark>(?:[0-9a-f]{4}[ -]?){4})(?![0-9a-f])")


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


class Part(StrEnum):
    """What a verification looks at."""

    NUMBERS = "numbers"
    HISTORY = "history"
    REGISTER = "register"
    """The register's lines and arrivals against what the history says of them."""
    HEADS = "heads"
    """The history against its marks that went out with the digests."""
    ORIGINALS = "originals"
    SOURCES = "sources"


class HistoryHead(Value):
    """The last line of the history at some moment: whoever keeps it elsewhere can tell later whether the history was
    written anew."""

    number: int | None
    """Null in digests of versions that did not tell it."""
    mark: str
    """Hash of the line, whole or its beginning."""

    @property
    def said(self) -> str:
        """As a letter shows it and a person types it: `12345 3f2a 9c1e 77b0 d4e2`."""
        short = self.mark[:SHORT]
        return f"{self.number} {' '.join(short[at:at + 4] for at in range(0, len(short), 4))}"


def read_head(text: str) -> HistoryHead | None:
    """The head that this text shows as `HistoryHead.said` does; null when it shows none."""
    found = _HEAD.search(text)
    return HistoryHead(number=int(found["number"]), mark=re.sub(r"[ -]", "", found["mark"])) if found else None


class Verification(Value):
    """What was looked at and what is wrong."""

    at: Instant
    lines: int = 0
    """How many lines of the history were counted through."""
    numbers: int = 0
    """How many registration numbers."""
    originals: int = 0
    """How many originals were read and compared."""
    heads: int = 0
    """With how many marks of earlier days the history was compared."""
    sources: int = 0
    """How many sources were reached and compared."""
    faults: tuple[str, ...] = ()
    """One sentence each, with what to do; the first of each part. Empty when all is well."""
    more: int = 0
    """Faults beyond those."""
    parts: tuple[Part, ...] = ()
    """Where the faults are."""
    notes: tuple[str, ...] = ()
    """What could not be looked at and why, and what is worth knowing."""

    @property
    def on(self) -> date:
        """The day."""
        return day_of(self.at)

    @property
    def fault_count(self) -> int:
        """All faults."""
        return len(self.faults) + self.more


class LastVerification(Value):
    """The last time that numbers, originals and history were proved."""

    on: date
    faults: int
