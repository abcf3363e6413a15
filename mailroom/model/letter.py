"""A letter as it was read: text, pages, mail header, attachments, and what went wrong in reading it."""

from enum import StrEnum

from pydantic import Field

from mailroom.model.arrival import Channel
from mailroom.model.base import Instant, Value


class Fault(Value):
    """Something that kept us from reading a letter, or a part of it, completely."""

    code: str
    """Stable name for tests and filters: `encrypted_pdf`, `truncated`, `empty_file`, `picture_too_large`, …"""
    sentence: str
    """One sentence in Bulgarian that tells the clerk what is wrong and what to do."""
    page: int | None = None
    """The page that it is about, 1-based in the file; null for the whole file."""


class TextSource(StrEnum):
    """Where a page's text comes from."""

    TEXT_LAYER = "text_layer"
    OCR = "ocr"
    NONE = "none"


class Page(Value):
    """One page of a scan or of a PDF, in the order of the file."""

    number: int
    """1-based, in the file."""
    text: str
    """In reading order; as read, uncorrected."""
    text_source: TextSource
    confidence: float | None
    """Mean word confidence of the OCR, 0 to 1, weighted by word length; null for a text layer and for a blank page."""
    doubtful: float = 0.0
    """Share of the letters that the OCR hardly believes, 0 to 1, where they fill whole lines: handwriting."""
    doubted: tuple[str, ...] = ()
    """Words that the OCR doubts a little and a dictionary may put right (reading/spelling.py)."""
    blank: bool = False
    """A back or separator without content: kept, but not shown and not counted."""
    separator: bool = False
    """A separator sheet of a scan batch; `blank` is then true too. It belongs to no letter."""
    label: str | None = None
    """The code on a label of the counter that is stuck on this page, of this municipality or of another."""
    rotation: int = 0
    """Degrees clockwise by which the stored page must be turned to stand upright: 0, 90, 180 or 270."""
    places: bytes = Field(default=b"", exclude=True, repr=False)
    """Where its words stand on the upright page (places.py). The register keeps it apart from the letter: it is empty
    in a letter that comes from there."""


class Attachment(Value):
    """A file that came with a mail."""

    filename: str
    """As declared, decoded, without folders or control characters; made up from position and type when absent."""
    media_type: str
    """Judged by content."""
    declared_type: str | None = None
    size: int
    """In octets, decoded."""
    sha256: str
    inline: bool = False
    """Shown in the text (Content-Disposition inline or referred to by Content-ID)."""
    text: str | None = None
    """What could be read from it, where the letter's own text is empty or points to it."""
    pages: tuple[Page, ...] = ()


class Signature(Value):
    """An electronic signature (КЕП, S/MIME) on a mail or on a PDF that came with it.

    Integrity is judged, and the issuer and revocation where the town keeps certificates to trust.
    """

    signer: str
    """The name in the certificate."""
    organisation: str | None = None
    issuer: str
    """Who gave the certificate."""
    intact: bool
    """The words are those that were signed, with this certificate's key."""
    covers_all: bool = True
    """False for a PDF that was added to after it was signed."""
    signed_at: Instant | None = None
    """By the time stamp where there is a trusted one, else by the signer's own clock."""
    stamped: bool = False
    """`signed_at` is told by a time-stamp authority that the town trusts."""
    in_term: bool = True
    """The certificate's own dates include that time."""
    trusted: bool | None = None
    """The certificate comes from an issuer that the town trusts and was valid then; null where nobody keeps a list."""
    revoked_at: Instant | None = None
    """When the certificate was revoked, where a list or an answer of its issuer says so; it may be after signing."""
    not_revoked: bool = False
    """The issuers' lists or answers prove that it had not been revoked then; where false and `revoked_at` is null,
    nobody knows."""
    file: str = ""
    """The signed attachment; empty for the letter itself."""


class Mailbox(Value):
    """A mailbox of RFC 5322, section 3.4: display name and addr-spec."""

    name: str = ""
    address: str = ""


class DeliveryReport(Value):
    """What a delivery status notification (RFC 3464) or a disposition notification (RFC 8098) says of our letter."""

    original_message_id: str | None = None
    """Message-ID of the letter that it reports about."""
    recipient: str | None = None
    action: str | None = None
    """failed, delayed, delivered, relayed, expanded; or displayed, deleted for a disposition."""
    status: str | None = None
    """The enhanced status code of RFC 3463: 5.1.1."""
    diagnostic: str | None = None


class MailHead(Value):
    """The header of a mail, decoded."""

    message_id: str | None = None
    """With its angle brackets."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    from_: tuple[Mailbox, ...] = ()
    sender: Mailbox | None = None
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    return_path: str | None = None
    """The envelope sender; an empty string is the null path `<>`, null when the header is absent."""
    date: Instant | None = None
    """The Date header; for information only."""
    media_type: str = "text/plain"
    """Content-Type of the whole message: `multipart/report` and the like."""
    fields: tuple[tuple[str, str], ...] = ()
    """Every header field in order, decoded, names in lower case."""

    def first(self, name: str) -> str | None:
        """The first field of this name, or null."""
        return next((value for field, value in self.fields if field == name.lower()), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Every field of this name, topmost first."""
        return tuple(value for field, value in self.fields if field == name.lower())


class Letter(Value):
    """What was read. Reading never fails: what could not be read is a fault, and the letter still exists."""

    channel: Channel
    media_type: str
    """Of the original, judged by content."""
    subject: str | None = None
    """The Subject header; null for paper (the finder takes it from the text)."""
    text: str = ""
    """The citizen's own words: without quoted history and without a device's signature. For paper: the pages' text."""
    quoted: str = ""
    """Quoted history, where earlier registration numbers may stand."""
    covering_note: str = ""
    """What a clerk wrote above a forwarded letter."""
    head: MailHead | None = None
    """Header of the mail that arrived; null for paper."""
    forwarded: MailHead | None = None
    """Header of the citizen's own mail inside a forward (attached or inline)."""
    form_fields: dict[str, str] = Field(default_factory=dict)
    """Name → value of a contact form's mail."""
    calendar_method: str | None = None
    """METHOD of a text/calendar part (RFC 5546), where there is one: REPLY is written by a machine."""
    report: DeliveryReport | None = None
    has_html: bool | None = None
    """Whether the mail has an HTML form; null for what was read before this was kept."""
    signatures: tuple[Signature, ...] = ()
    pages: tuple[Page, ...] = ()
    suggested_parts: tuple[tuple[int, ...], ...] = ()
    """Where the pages look like several letters without a separator sheet between them: the pages of each, for a person
    to agree or not; empty when they look like one letter."""
    files: tuple["Letter", ...] = ()
    """Of a mail with several scans: what each file says by itself, its pages counted through all of them. Empty once
    the mail has been divided into its letters, and for everything else."""
    attachments: tuple[Attachment, ...] = ()
    faults: tuple[Fault, ...] = ()
    legible: bool = True
    """False when a person has to type the fields that matter, with the scan beside them."""
    ocr_confidence: float | None = None
    """Over all pages read by OCR, 0 to 1, weighted by words; null when none was."""
    content_sha256: str = ""
    """Over the decoded bodies and attachments of a mail, for a scanner's also over its Message-ID: two copies of one
    message in two mailboxes have it equal."""

    @property
    def content_pages(self) -> tuple[Page, ...]:
        """The pages that are not blank."""
        return tuple(page for page in self.pages if not page.blank)
