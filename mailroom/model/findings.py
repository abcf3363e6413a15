"""What the finders understood of a letter: each value with how sure it is and the words that show it."""

from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import Field

from mailroom.model.base import Value

T = TypeVar("T")

UNDETERMINED = "неопределен"
"""The district of a letter that names neither a district nor a quarter that lies in one."""
DOUBTFUL_KIND = 0.35
"""Confidence of a kind below which it is little more than a guess."""


class Kind(StrEnum):
    """The ten kinds of item, by content and not by title (CONTRACT: `kind`)."""

    COMPLAINT = "complaint"
    SIGNAL = "signal"
    PROPOSAL = "proposal"
    REQUEST = "request"
    INQUIRY = "inquiry"
    FOI_REQUEST = "foi_request"
    GDPR_REQUEST = "gdpr_request"
    CORRUPTION_REPORT = "corruption_report"
    PRAISE = "praise"
    OTHER = "other"


class Matter(StrEnum):
    """What decides the term inside a kind."""

    CONDUCT = "conduct"
    """A complaint about an employee's act, conduct or service; in law a signal (АПК 107(4))."""
    APPEAL = "appeal"
    """A complaint against an administrative act (АПК глава шеста)."""
    CERTIFICATE = "certificate"
    """A request for a certificate or document (АПК 21(2), (3); 57(2))."""
    WHISTLEBLOWER = "whistleblower"
    """A report from a work context (ЗЗЛПСПОИН): sealed."""
    REVIEW = "review"
    """A request to review a decision (София, one month from the letter)."""


class NonCorrespondence(StrEnum):
    """What is kept and shown, but gets neither number nor letter until a person says otherwise."""

    SPAM = "spam"
    NEWSLETTER = "newsletter"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    BLANK = "blank"


class Script(StrEnum):
    """ISO 15924 codes; `mixed` when both scripts carry words of the text."""

    CYRILLIC = "Cyrl"
    LATIN = "Latn"
    MIXED = "mixed"


class AnswerChannel(StrEnum):
    """How the citizen asks to be answered."""

    EMAIL = "email"
    POST = "post"
    PHONE = "phone"


class Evidence(Value):
    """The words of the letter that show something."""

    text: str
    """Quoted from the letter, as written."""
    why: str
    """In Bulgarian, for the clerk: what these words show and where they stand."""
    start: int | None = None
    """Offset into the letter's text, in characters, where it is known."""
    end: int | None = None


class Found(Value, Generic[T]):
    """A value that a finder found."""

    value: T
    confidence: float = Field(ge=0, le=1)
    evidence: tuple[Evidence, ...] = ()


class Address(Value):
    """A Bulgarian postal address in its nine parts: as typed, type words abbreviated, no quotation marks."""

    postcode: str | None = None
    settlement: str | None = None
    """Without гр. or с.; the register may know several of one name, so this is never resolved by guess."""
    quarter: str | None = None
    """`ж.к. Дружба 3`, `кв. Яворов`."""
    street: str | None = None
    """`ул. Борисова`, `бул. България`."""
    number: str | None = None
    block: str | None = None
    entrance: str | None = None
    floor: str | None = None
    apartment: str | None = None

    @property
    def deliverable(self) -> bool:
        """Whether a letter carrier could find it: a settlement, and a house in it."""
        return bool(self.settlement and (self.number or self.block))


class Findings(Value):
    """Everything the finders say of one letter. A field is null when nothing was found."""

    kind: Found[Kind]
    matter: Found[Matter] | None = None
    topics: tuple[Found[str], ...] = ()
    """Topic ids of the lexicon (`waste`, `roads`, `noise`, …), strongest first; routing reads them."""
    noncorrespondence: Found[NonCorrespondence] | None = None

    anonymous: Found[bool]
    abusive: Found[bool]
    health_safety: Found[bool]
    protected_info: Found[bool]

    sender_name: Found[str] | None = None
    organisation: Found[str] | None = None
    email: Found[str] | None = None
    """Where an answer would go."""
    phone: Found[str] | None = None
    """E.164."""
    address: Found[Address] | None = None
    on_behalf_of: Found[str] | None = None
    preferred_channel: Found[AnswerChannel] | None = None
    personal_identifiers: tuple[Found[str], ...] = ()
    """ЕГН and ЛНЧ seen in the letter: shown on the item only, masked everywhere else (ЗЗЛД 25ж)."""

    subject: Found[str] | None = None
    script: Found[Script]
    language: Found[str]
    """ISO 639-1."""
    date_written: Found[date] | None = None
    follow_up_of: Found[str] | None = None
    """An earlier registration number, as quoted."""
    district: Found[str] | None = None
    """A district of the town (Sofia's 24), where the pack has districts; `UNDETERMINED` where nothing tells which."""
    other_body: Found[str] | None = None
    """Another body or company that the letter is really for (ВиК, НАП, another municipality): forward within 7 days."""
    older_than_two_years: Found[bool] | None = None
    """The matter is over two years old (АПК 111(4))."""
    repeated: Found[bool] | None = None
    """The writer says that it is not the first letter on the matter (АПК 124(1))."""
    decision_date: Found[date] | None = None
    """Of the decision that is to be reviewed or is appealed against."""
    crime: Found[bool] | None = None
    """Names an act that is a crime (АПК 123(4)); null in findings of an earlier version."""

    @property
    def kind_is_doubtful(self) -> bool:
        """Whether the kind is little more than a guess: then a person looks, and the shortest term is worked to."""
        return self.kind.confidence < DOUBTFUL_KIND


def shown_sender(findings: Findings) -> str:
    """What lists show of who writes."""
    best = findings.sender_name or findings.organisation or findings.email
    return best.value if best else ""
