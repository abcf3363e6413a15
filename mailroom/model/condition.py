"""How the mailroom does at one moment: figures and names of sources, nothing of any letter."""

from pydantic import Field

from mailroom.model.base import Instant, Value
from mailroom.model.proof import LastVerification


class SourceCondition(Value):
    """One mailbox or folder."""

    name: str
    seen_at: Instant | None = None
    """When it last answered."""
    trouble: str = ""
    """Why it does not work, in Bulgarian; empty when it does. May name a file: for the health page alone."""
    since: Instant | None = None
    """Since when the trouble lasts."""
    last_arrival: Instant | None = None
    """When the last letter came from it."""
    waiting: int = 0
    """How many of its letters still have a step to do."""
    silent_minutes: int = 0
    """Working minutes since the last letter."""
    usual_silence: int | None = None
    """After so many working minutes its silence is unusual; null where that is not known yet, or not wanted."""


class Condition(Value):
    """Everything that the health page shows, the metrics count and an alarm may hang on."""

    at: Instant
    sources: tuple[SourceCondition, ...] = ()
    items: dict[str, int] = Field(default_factory=dict)
    """Status → how many letters with which somebody still has something to do."""
    total_items: int = 0
    unfinished: int = 0
    """Letters with a step to do."""
    stuck: int = 0
    """Of these, how many wait after a failure."""
    oldest_unfinished: Instant | None = None
    letters: dict[str, int] = Field(default_factory=dict)
    """Status → how many outgoing letters that have not left."""
    oldest_due_mail: Instant | None = None
    """Since when the oldest mail that should have left waits."""
    unscanned: int = 0
    """How many files came while the antivirus was away, and wait for it."""
    late_viruses: int = 0
    """In how many of such it has found something today."""
    originals: str = ""
    """Why the folder of originals cannot be written to now; empty when it can."""
    disk_free: int = 0
    """Octets."""
    disk_total: int = 0
    disk_days_left: int | None = None
    """After so many days the disk is full, if it goes on as it did; null when it does not grow, or is not known yet."""
    kept_since: Instant | None = None
    """When the first day was noted; null on the very first look."""
    backup_at: Instant | None = None
    """When the last backup was made; null when none ever was."""
    verified: LastVerification | None = None


class Trouble(Value):
    """One thing that is wrong with the mailroom itself. Its sentence leaves the house: no file, letter or person."""

    key: str
    """The same trouble has the same key as long as it lasts."""
    sentence: str
    """In Bulgarian: what is wrong, and what to do."""


class OpenTrouble(Value):
    """A trouble as it is remembered."""

    key: str
    sentence: str
    since: Instant
    told_at: Instant | None = None
    """When it was told by the second channel."""
    over_at: Instant | None = None
    """When it was found to be over, until that is told too."""
