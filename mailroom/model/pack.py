"""A municipality's rule pack: its charter's clauses, terms, numbers, people and routing, as data."""

import re
from datetime import date
from enum import StrEnum

from pydantic import Field

from mailroom.model.base import Value
from mailroom.model.findings import Kind, Matter

OWN_PROCEDURE = (Matter.APPEAL, Matter.WHISTLEBLOWER)
"""Matters that no general clause covers (АПК глава шеста; ЗЗЛПСПОИН)."""


class TermUnit(StrEnum):
    """In what a term is counted (ГПК чл. 60)."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class CountedFrom(StrEnum):
    """The event that starts a term."""

    RECEIPT = "receipt"
    REGISTRATION = "registration"
    DECISION = "decision"
    """The letter by which a decision was told: for a citizen who asks to review it."""


class Term(Value):
    """How long the municipality has."""

    amount: int = Field(gt=0)
    unit: TermUnit
    counted_from: CountedFrom = CountedFrom.RECEIPT
    after_hours_next_day: bool = False
    """What comes after working hours or on a day off counts from the next working day (АПК 29(6)). A charter's own
    promise knows no such rule: the citizen counts from the day of sending."""


class ClauseSubject(StrEnum):
    """What a clause is about; decide.py asks for clauses by it."""

    REPLY_TERM = "reply_term"
    EXTENSION = "extension"
    CONFIRM_RECEIPT = "confirm_receipt"
    """By when a report must be confirmed, where the law sets a term for that (ЗЗЛПСПОИН 16)."""
    ANONYMITY = "anonymity"
    ABUSE = "abuse"
    PROTECTED_INFO = "protected_info"
    DANGER_EXCEPTION = "danger_exception"
    REVIEW = "review"
    CONFIDENTIALITY = "confidentiality"
    PREFERRED_CHANNEL = "preferred_channel"
    LETTER_CONTENT = "letter_content"
    APOLOGY = "apology"
    FORWARDING = "forwarding"
    """What is meant for another body, and by when it must be passed on (АПК 112)."""
    CONFLICT = "conflict"
    """Whoever is complained about does not decide."""
    CRIME = "crime"
    """Signs of a crime go to the prosecutor."""
    OLD_MATTER = "old_matter"
    REPEAT = "repeat"
    WHISTLEBLOWING = "whistleblowing"
    CHANNEL = "channel"
    """Where something may be handed in: a box, a telephone, the mayor."""
    OPENNESS = "openness"
    """Access to public information."""
    SURVEY = "survey"
    REPORTING = "reporting"


class Demand(StrEnum):
    """What a clause demands of the municipality, one thing each; letters, routing and reports are tested for it."""

    WRITTEN_REPLY = "written_reply"
    INSPECTION = "inspection"
    REASON = "reason"
    ACTION = "action"
    """What the citizen must do, or that there is nothing to do."""
    NEW_DATE = "new_date"
    PLAIN_WORDS = "plain_words"
    OFFICER = "officer"
    PHONES = "phones"
    """Direct and internal telephone."""
    EMAIL = "email"
    APPEAL_ADVICE = "appeal_advice"
    """Whether the decision can be appealed against."""
    APOLOGY = "apology"
    CHOSEN_CHANNEL = "chosen_channel"
    CONFIDENTIALITY = "confidentiality"
    DATA_PROTECTION = "data_protection"
    ANOTHER_OFFICER = "another_officer"
    NOTICE = "notice"
    """The sender is told."""
    FORWARDING = "forwarding"
    PROSECUTOR = "prosecutor"
    ACCESS = "access"
    """Public information is given."""
    SURVEY = "survey"
    REPORT = "report"
    """The results are told to the public."""


class Clause(Value):
    """One sentence of a charter or of the law that decides something."""

    id: str
    """Unique in the pack: `haskovo.anonymity`."""
    subject: ClauseSubject
    quote: str
    """Verbatim from the published text."""
    source: str
    """Where it stands: „Харта на клиента на Община Хасково, „Важно е да се знае““, „АПК чл. 111, ал. 4“."""
    kinds: tuple[Kind, ...] = ()
    """Kinds it covers; empty means every kind."""
    demands: tuple[Demand, ...] = ()
    """What it demands of the municipality; empty where it only permits something, or asks something of the citizen."""
    matters: tuple[Matter, ...] = ()
    """Matters it covers; empty means every matter but an appeal and a whistleblower's report, which have a procedure of
    their own and are covered only where they are named."""
    written_only: bool = False
    """Holds only for what was submitted in writing (Хасково)."""
    without_inspection_only: bool = False
    """Holds only where no inspection (проверка) is needed (Хасково)."""
    term: Term | None = None
    """The term that it promises or lays down; null where it lays down none."""
    since: date | None = None
    """From when it holds; null when the text does not say."""
    by_superior_body: bool = False
    """For an extension: only the superior body may grant it (АПК 118(2), 121)."""
    ground: str = ""
    """For an extension: the reason that the law demands, as a sentence for the letter."""

    def covers(self, kind: Kind, matter: Matter | None) -> bool:
        """Whether it speaks about letters of this kind and matter."""
        if self.kinds and kind not in self.kinds:
            return False
        return matter in self.matters if self.matters else matter not in OWN_PROCEDURE


_SHORTEST_POSITION = 6
"""Letters of the first word of a position that can be looked for."""


def surname_in(name: str, text: str) -> bool:
    """Whether the last of a person's names stands in the text, as a word of its own."""
    surname = name.split()[-1]
    return re.search(rf"(?<!\w){re.escape(surname)}(?!\w)", text, re.IGNORECASE) is not None


class Officer(Value):
    """A person who works on letters."""

    id: str
    name: str
    position: str = ""
    phone: str = ""
    extension: str = ""
    email: str = ""
    deputy: str | None = None
    """Officer id of who stands in."""
    absent: tuple[tuple[date, date], ...] = ()
    """Days off, first and last inclusive, on which the deputy is named."""

    def is_absent(self, on: date) -> bool:
        """Whether this is one of the days off."""
        return any(first <= on <= last for first, last in self.absent)

    def named_in(self, text: str) -> bool:
        """Whether the text names this person: the last of the names, as a word of its own.

        Prefers to find one too many: whoever might be meant does not get the letter (АПК 113).
        """
        return surname_in(self.name, text)

    def held_in(self, text: str) -> bool:
        """Whether the text names this person's position, with article or feminine ending: „секретарят на общината“.

        Not where a name follows: that tells who it is.
        """
        words = re.findall(r"\w+", self.position)
        if not words or len(words[0]) < _SHORTEST_POSITION:
            return False
        rest = "".join(rf"\W{{1,3}}{re.escape(word)}" for word in words[1:])
        held = rf"(?<!\w){re.escape(words[0])}\w{{0,4}}{rest}(?!\w)(?!\s(?-i:[А-Я]))"
        return re.search(held, text, re.IGNORECASE) is not None


class Department(Value):
    """A unit to which letters are given."""

    id: str
    name: str
    phone: str = ""
    email: str = ""


class Route(Value):
    """First route that fits wins; an empty condition fits everything."""

    kinds: tuple[Kind, ...] = ()
    matters: tuple[Matter, ...] = ()
    topics: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    department: str
    """Department id."""
    officer: str | None = None
    """Officer id."""


class Numbering(Value):
    """How registration numbers look. `{index}`, `{initial}`, `{seq}`, `{date}`, `{year}` are filled in."""

    case: str
    """Template of the case number: `94-00-{seq}`."""
    registration: str
    """Template of the registration number: `{case}/{date:%d.%m.%Y}`."""
    index_by_kind: dict[Kind, str] = Field(default_factory=dict)
    """Registry index by kind, for `{index}`."""
    default_index: str = "94"
    no_initial: str = "00"
    """For `{initial}`, where the sender is not known."""


class ContactPoint(Value):
    """One door, telephone or box that the charter names, with what it is for."""

    name: str
    """As the charter calls it: `Горещ телефон за сигнали, предложения и жалби`."""
    kinds: tuple[Kind, ...] = ()
    """What may be handed in there; empty: everything."""
    phones: tuple[str, ...] = ()
    fax: str = ""
    emails: tuple[str, ...] = ()
    website: str = ""
    address: str = ""
    hours: str = ""
    """In words, as published."""


class Contact(Value):
    """How the municipality itself is reached; printed in every letter."""

    name: str
    """`Община Русе`."""
    identifier: str = ""
    """ЕИК; empty when the pack does not know it."""
    settlement: str
    """The seat, without гр.: `Русе`."""
    postcode: str = ""
    address: str
    """Street and number of the town hall."""
    phones: tuple[str, ...] = ()
    fax: str = ""
    emails: tuple[str, ...] = ()
    website: str = ""
    hours: str = ""
    """In words, as published."""
    opens: str = "00:00"
    closes: str = "23:59"
    """Working hours, HH:MM, Europe/Sofia: after `closes` a letter counts from the next working day (АПК 29(6))."""
    area_code: str = ""
    """For short local telephone numbers: `082`."""
    point: tuple[ContactPoint, ...] = ()
    """The contact points of the charter, in its order."""

    def points_for(self, kind: Kind) -> tuple[ContactPoint, ...]:
        """Where a letter of this kind may be handed in besides by post: the points that name it."""
        return tuple(point for point in self.point if kind in point.kinds)


class Pack(Value):
    """Everything that makes one municipality different from another."""

    id: str
    version: str
    """Digest of the pack's files; stored with each verdict."""
    incomplete: bool = False
    """The published charter is cut off: silence means „unknown“, so the statute alone speaks."""
    charter_title: str
    charter_source: str
    contact: Contact
    clauses: tuple[Clause, ...] = ()
    """The charter's own clauses."""
    statute: tuple[Clause, ...] = ()
    """The law's clauses, for everyone; used where the charter is silent, and for the second clock."""
    numbering: Numbering
    departments: tuple[Department, ...] = ()
    officers: tuple[Officer, ...] = ()
    routing: tuple[Route, ...] = ()
    districts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """District → quarters that lie in it; empty for a town without districts."""
    extra_non_working: tuple[date, ...] = ()
    confidential_officer: str | None = None
    """Officer id of who receives whistleblowers' reports."""

    def charter_clauses(self, subject: ClauseSubject, kind: Kind, matter: Matter | None) -> tuple[Clause, ...]:
        """The charter's clauses on this subject for such a letter, in the order of the charter."""
        return tuple(c for c in self.clauses if c.subject is subject and c.covers(kind, matter))

    def statute_clauses(self, subject: ClauseSubject, kind: Kind, matter: Matter | None) -> tuple[Clause, ...]:
        """The law's clauses on this subject for such a letter."""
        return tuple(c for c in self.statute if c.subject is subject and c.covers(kind, matter))

    def clause(self, subject: ClauseSubject, kind: Kind, matter: Matter | None) -> Clause | None:
        """The clause that decides: the charter's first, the law's where the charter is silent, null where both are."""
        found = self.charter_clauses(subject, kind, matter) + self.statute_clauses(subject, kind, matter)
        return found[0] if found else None

    def officer(self, officer_id: str) -> Officer:
        """The officer of this id. Raises KeyError; the loader has checked every reference."""
        return {o.id: o for o in self.officers}[officer_id]

    def department(self, department_id: str) -> Department:
        """The department of this id. Raises KeyError; the loader has checked every reference."""
        return {d.id: d for d in self.departments}[department_id]
