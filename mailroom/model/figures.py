"""What is counted of the letters, without a word of them: for the dashboard, the digest and the reports."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from mailroom.model.arrival import Channel
from mailroom.model.base import Instant, Value
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import Status
from mailroom.model.outgoing import LetterType, OutgoingChannel
from mailroom.model.verdict import Outcome


class Measure(StrEnum):
    """What is counted; in brackets: the day to which it is counted."""

    RECEIVED = "received"
    """Correspondence that came in (day of receipt)."""
    SET_ASIDE = "set_aside"
    """What is no correspondence (day of receipt)."""
    URGENT = "urgent"
    """Danger for people (day of receipt)."""
    FINISHED = "finished"
    """Answered, passed on or closed (that day)."""
    WAITING = "waiting"
    """Open now (day to which it is worked, NO_DAY where there is no term)."""
    CHARTER_KEPT = "charter_kept"
    """Finished within the charter's term (day on which it was finished), and so the next three."""
    CHARTER_LATE = "charter_late"
    STATUTE_KEPT = "statute_kept"
    STATUTE_LATE = "statute_late"
    DAYS = "days"
    """Answered after so many days (day of the answer); the value is their number."""
    EXTENDED = "extended"
    """The citizen was told of a later date (that day)."""
    DECIDED = "decided"
    """A person has decided what the program proposed (that day)."""
    OVERTURNED = "overturned"
    """A person has decided otherwise than proposed (that day)."""
    REFUSED = "refused"
    """A person has decided that a letter is not considered or not answered (that day)."""
    AGAINST = "against"
    """A proposal not to consider or not to answer that waits for a person (NO_DAY)."""
    SENT = "sent"
    """Letters that left (that day)."""
    RETURNED = "returned"
    """Letters that left and came back (day on which they left)."""


class By(StrEnum):
    """By what it is counted."""

    ALL = ""
    KIND = "kind"
    CHANNEL = "channel"
    DISTRICT = "district"
    DEPARTMENT = "department"
    CLAUSE = "clause"
    STATUS = "status"
    TYPE = "type"
    """Of letters that left, and of what is no correspondence."""


NO_DAY = date(9999, 12, 31)
"""For what has no day of its own."""


class Mark(NamedTuple):
    """One figure that something counts towards."""

    day: date
    measure: str
    by: str
    value: str


class SentLetter(Value):
    """A letter that left."""

    type: LetterType
    channel: OutgoingChannel
    sent_at: Instant
    returned: bool = False


class ItemFacts(Value):
    """What is counted of one letter. A whistleblower's report has none."""

    received_at: Instant
    channel: Channel
    status: Status
    noncorrespondence: NonCorrespondence | None = None
    kind: Kind | None = None
    district: str = ""
    """Empty where it is not known."""
    department: str = ""
    """Id of the department."""
    urgent: bool = False
    charter_due: date | None = None
    statute_due: date | None = None
    forwarding_due: date | None = None
    """By when what is meant for another body must be passed on."""
    proposed: Outcome | None = None
    """As it stands; once a person has decided, as it stood then."""
    clause: str = ""
    """Id of the clause on which the proposal rests; empty where nothing but the duty to consider speaks."""
    decided: Outcome | None = None
    """As a person decided; null while nobody has."""
    decided_at: Instant | None = None
    finished_at: Instant | None = None
    extended_at: Instant | None = None
    letters: tuple[SentLetter, ...] = ()


class Point(Value):
    """One day, week or month of the picture."""

    name: str
    """`20.11.`, `16.11. – 22.11.`, `ноември 2026`."""
    received: int
    finished: int


class Course(Value):
    """What came in and what was finished, over time."""

    step: str
    """`ден`, `седмица`, `месец`."""
    points: tuple[Point, ...]

    @property
    def peak(self) -> int:
        """The highest figure; at least 1, so that it can be divided by."""
        return max((max(point.received, point.finished) for point in self.points), default=0) or 1

    @property
    def received(self) -> int:
        """All that came in."""
        return sum(point.received for point in self.points)

    @property
    def finished(self) -> int:
        """All that was finished."""
        return sum(point.finished for point in self.points)
