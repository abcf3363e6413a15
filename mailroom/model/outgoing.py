"""Letters that the municipality writes."""

from enum import StrEnum

from mailroom.model.base import Instant, ItemId, OutgoingId, Value
from mailroom.model.entry import Due


class LetterType(StrEnum):
    """Names of the folders under `templates/`."""

    ACKNOWLEDGEMENT = "acknowledgement"
    EXTENSION = "extension"
    MISSING_DETAILS = "missing_details"
    """Asks for a name or an address."""
    FORWARDING = "forwarding"
    """Tells to whom the letter was passed on."""
    NOT_CONSIDERED = "not_considered"
    INFORMATION_REFUSED = "information_refused"
    WHISTLEBLOWER_RECEIPT = "whistleblower_receipt"
    SATISFACTION = "satisfaction"
    """Asks after the answer whether it was of use."""
    DIGEST = "digest"
    REMINDER = "reminder"
    """To one of the staff: dates that are near, past or moved."""
    ALERT = "alert"
    """To one of the staff: an item waits now. Not a letter to the citizen, so no list of an item's letters has it."""


class OutgoingChannel(StrEnum):
    """How a letter leaves."""

    EMAIL = "email"
    PRINT = "print"
    HAND = "hand"
    """A receipt given to the citizen at the counter: it has arrived when it is written."""


class OutgoingStatus(StrEnum):
    """State of an outgoing letter. `held`: a guard or a setting keeps it until a person releases it."""

    DRAFT = "draft"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    PRINTED = "printed"
    POSTED = "posted"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"


WAITING = (OutgoingStatus.DRAFT, OutgoingStatus.HELD, OutgoingStatus.FAILED)
"""States in which a letter waits for a person."""
STILL_HERE = (*WAITING, OutgoingStatus.QUEUED)
"""States in which a letter can still be stopped."""


class News(StrEnum):
    """What was heard of a letter after it had left."""

    DELAYED = "delayed"
    """The server on the way still tries."""
    SOFT = "returned_soft"
    """It came back for a reason that passes: a full mailbox, a server away. It is sent again by itself."""
    HARD = "returned_hard"
    """It came back for good."""
    ABSENT = "absent"
    """A machine answered in the reader's place. It arrived; this is no answer."""


class DeliveryNews(Value):
    """One thing heard of a letter, and what told it."""

    what: News
    at: Instant
    sentence: str = ""
    """In Bulgarian, for the clerk."""
    told_by: ItemId | None = None
    """The mail that told it, as it lies in the register; null once that is erased."""


class Release(Value):
    """How a letter waited before a person let it go or stopped it, so that it can be taken back."""

    status: OutgoingStatus
    hold_reason: str = ""
    trouble: str = ""
    item_status: str | None = None
    """Status of the item before, where the letter's leaving has changed it."""
    act: int | None = None
    """What a person did with the item by which the letter was stopped (store/undo.py): with that it goes back. Null
    where it was stopped for itself."""
    only_with_act: bool = False
    """Whether it stands again with that alone: what the program stopped, and a notice of a later date, whose date has
    fallen with it."""
    let_go: bool = False
    """Whether a person had let it go already when it was stopped."""
    proposed_due: Due | None = None
    """The terms that it was to tell of when it was stopped."""


class Draft(Value):
    """A letter that was written but not yet put into the outbox; pure result of `correspondence/`."""

    type: LetterType
    item_id: ItemId | None
    """Null for the digest."""
    channel: OutgoingChannel
    to: str
    """Mail address, or the lines of the postal address for print."""
    subject: str
    text: str
    """Plain text body; also what the clerk sees."""
    html: str = ""
    """HTML body of a mail; empty for print."""
    page_html: str = ""
    """The A4 page that WeasyPrint turns into PDF; for print, and for preview."""
    message_id: str = ""
    """With angle brackets; fixed here so that a second attempt is the same message (RFC 5322, 3.6.4)."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto_submitted: bool = True
    """Whether a machine answers: sent with `Auto-Submitted: auto-replied` (RFC 3834)."""
    status: OutgoingStatus = OutgoingStatus.QUEUED
    """`queued`, or `held` with a reason, or `draft` when a person has to approve it first."""
    hold_reason: str = ""
    """In Bulgarian, for the clerk: which guard held it back and why."""


class Outgoing(Draft):
    """A letter in the outbox."""

    id: OutgoingId
    number: str = ""
    """The registration number it speaks of."""
    created_at: Instant
    sent_at: Instant | None = None
    attempts: int = 0
    next_attempt_at: Instant | None = None
    trouble: str = ""
    """Why the last attempt failed, in the server's words."""
    print_run_id: int | None = None
    """Of a letter on paper: the print run that it was laid into."""
    not_before: Instant | None = None
    """A person let it go and may take it back until then."""
    released_from: Release | None = None
    """How it waited before a person let it go or stopped it; null where no person did, and once it has left."""
    news: tuple[DeliveryNews, ...] = ()
    """What was heard of it since, oldest first."""

    @property
    def may_be_taken_back(self) -> bool:
        """Whether a person who let it go can still think better of it."""
        return self.status is OutgoingStatus.QUEUED and self.released_from is not None

    @property
    def may_wait_again(self) -> bool:
        """Whether a person has stopped it who can still think better of it."""
        return (self.status is OutgoingStatus.CANCELLED and self.released_from is not None
                and not self.released_from.only_with_act)

    def standing(self) -> Release:
        """How it waits, or waited before a person let it go."""
        before = self.released_from
        if before is not None:
            return before.model_copy(update={"let_go": self.status is OutgoingStatus.QUEUED})
        return Release(status=self.status, hold_reason=self.hold_reason, trouble=self.trouble)


class PrintRun(Value):
    """Letters that are printed together."""

    id: int
    prepared_at: Instant
    prepared_by: str
    """Login of a person, or `mailroom` in the evening."""
