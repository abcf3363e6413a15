"""An item of the register as the rest of the program sees it."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from mailroom.model.arrival import Arrival, Channel
from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.entry import Assignment, Due, Entry
from mailroom.model.findings import Findings, Kind, NonCorrespondence
from mailroom.model.letter import Letter
from mailroom.model.outgoing import Outgoing
from mailroom.model.taken_down import JoinedScan
from mailroom.model.verdict import Outcome, Verdict


class Step(StrEnum):
    """How far an item has come; the next step is done by journey.py. Every step may be run again."""

    ARRIVED = "arrived"
    """Kept and noted; to be read."""
    READ = "read"
    """To be judged."""
    JUDGED = "judged"
    """To be registered, or set aside as no correspondence."""
    SETTLED = "settled"
    """Registered or set aside; nothing is left for a machine."""


class Status(StrEnum):
    """What the outside sees (CONTRACT: `status`)."""

    ARRIVED = "arrived"
    """Not yet through; seen only while the machine is at work."""
    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    FORWARDED = "forwarded"
    ANSWERED = "answered"
    CLOSED = "closed"
    MERGED = "merged"
    ANNULLED = "annulled"
    NOT_CORRESPONDENCE = "not_correspondence"


class Annulment(StrEnum):
    """Why a registration was a mistake."""

    BY_MISTAKE = "by_mistake"
    TWICE = "twice"
    NO_LETTER = "no_letter"
    """It is no letter to the municipality, and got its number by a slip."""


class DecisionState(StrEnum):
    """Whether a person has decided."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


class Decision(Value):
    """The decision as it stands: the machine's proposal, or what a person made of it."""

    outcome: Outcome
    state: DecisionState = DecisionState.PROPOSED
    by: str | None = None
    at: Instant | None = None
    reason: str = ""
    """What the person wrote when overriding."""


class HistoryLine(Value):
    """One line of the append-only history."""

    sequence: int
    at: Instant
    who: str
    """Login of a person, or `mailroom`."""
    what: str
    """`arrived`, `read`, `registered`, `corrected`, …"""
    item_id: ItemId | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    """Ids, numbers and names of fields; never a citizen's words, so that erasure stays possible."""


class Item(Value):
    """One letter with everything that is known of it."""

    id: ItemId
    version: int
    """Grows with every change; a save with an older version is refused."""
    step: Step
    status: Status
    channel: Channel
    received_at: Instant
    """Of the first arrival; a clerk may set it for paper."""
    part: int = 1
    """A scan batch can hold several letters of one file."""
    batch_of: ItemId | None = None
    """The first letter of that file; null for the first itself, and where a file has one letter."""
    part_pages: tuple[int, ...] | None = None
    """The pages of the file that make this letter, 1-based; null for mail and for a file with one letter."""
    attempts: int = 0
    trouble: str = ""
    """Why the last step failed, when it did."""
    arrivals: tuple[Arrival, ...] = ()
    """In order of coming; the first is the source."""
    letter: Letter | None = None
    findings: Findings | None = None
    """With the clerk's corrections already in place, at confidence 1."""
    corrections: dict[str, Any] = Field(default_factory=dict)
    """Field path (`kind`, `sender_name`, `address.street`, `anonymous`) → value typed by a person."""
    verdict: Verdict | None = None
    decision: Decision | None = None
    merged_into: ItemId | None = None
    """The item that is worked on in the place of this one, where both say the same."""
    copy_sha256: str | None = None
    """Of the searchable copy of a scan (PDF/A), kept beside the original; null while there is none."""
    noncorrespondence_confirmed: bool = False
    """A person has agreed that it is no correspondence."""
    case_of: ItemId | None = None
    """The item that began the case (преписка) to which this one belongs; null for one that begins its own."""
    suggested_case: ItemId | None = None
    """An item to whose case this one may belong: a person decides."""
    entry: Entry | None = None
    letters: tuple[Outgoing, ...] = ()
    scans: tuple[JoinedScan, ...] = ()
    """The paper of an item that was entered at the counter, in the order in which it was scanned."""

    @property
    def correspondence(self) -> bool:
        """False for spam, bounces and the like."""
        return self.findings is None or self.findings.noncorrespondence is None

    @property
    def noncorrespondence_type(self) -> NonCorrespondence | None:
        """Why it is no correspondence, where it is none."""
        found = self.findings.noncorrespondence if self.findings else None
        return found.value if found else None

    def sheet(self, page: int) -> tuple[str, int]:
        """Where a page of the letter lies: the SHA-256 of the file, and the page's number in it."""
        before = 0
        for scan in self.scans:
            if page - before <= len(scan.pages):
                return scan.sha256, scan.pages[page - before - 1]
            before += len(scan.pages)
        return self.arrivals[0].sha256, page

    @property
    def sealed(self) -> bool:
        """A whistleblower's report."""
        return bool(self.verdict and self.verdict.sealed)


class ItemRow(Value):
    """A line of the queue: no texts."""

    id: ItemId
    version: int
    step: Step
    status: Status
    channel: Channel
    received_at: Instant
    registration_number: str | None = None
    kind: Kind | None = None
    noncorrespondence_type: NonCorrespondence | None = None
    subject: str = ""
    sender: str = ""
    due: Due | None = None
    assigned_to: Assignment | None = None
    urgent: bool = False
    needs_review: bool = False
    sealed: bool = False
    restricted: bool = False
    outcome: Outcome | None = None
    decision_state: DecisionState | None = None
    legible: bool = True
    bounced: bool = False
    """A letter to its citizen came back."""
    why: tuple[str, ...] = ()
    """Names of the checks for which a person should look."""
    trouble: str = ""
