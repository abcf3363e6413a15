"""What the register says of an item: number, terms, who works on it."""

import datetime

from mailroom.model.base import Instant, ItemId, Value


class Clock(Value):
    """One term, counted."""

    date: datetime.date
    """The last day, rolled to a working day (ГПК чл. 60(6))."""
    raw_date: datetime.date
    """The last day before rolling; an extension is counted from it."""
    basis: str
    """Clause id of a charter, or the article: `АПК чл. 121`."""
    explanation: str
    """In words: „20 ноември + 30 дни = 20 декември, неделя → 21 декември“."""
    extended_to: datetime.date | None = None
    """The day that a person has extended it to, before rolling; null for a term that was never extended."""


class Duty(Value):
    """What the law wants done on the way, before the answer itself."""

    name: str
    """`confirm_receipt`, `forwarding`."""
    clock: Clock


class Due(Value):
    """The two clocks of an item, and what is to be done earlier. The clocks are null for praise and the like."""

    charter: Clock | None = None
    statute: Clock | None = None
    duties: tuple[Duty, ...] = ()

    @property
    def date(self) -> datetime.date | None:
        """The earlier of the two: the one worked to."""
        return min((clock.date for clock in (self.charter, self.statute) if clock), default=None)


class SuperiorDecision(Value):
    """The decision by which the superior body has extended a statutory term (АПК 118(2), 121)."""

    body: str
    """Who decided, as the subject of a sentence: `областният управител`."""
    number: str
    on: datetime.date


class Ground(Value):
    """One reason for which the law lets this term be extended."""

    clause_id: str
    words: str
    """As they can stand in the letter."""
    basis: str
    latest: datetime.date
    """The last working day to which it carries."""
    by_superior_body: bool


class Extension(Value):
    """A proposal to answer later, for a person to approve and for the letter that tells the citizen."""

    until: datetime.date
    """The new date, a working day: the one asked for, or the one proposed."""
    allowed: bool
    """False where nobody may extend so far; the explanation says what can be done instead."""
    by_superior_body: bool = False
    """Only the superior body may grant it; the letter may go out when its decision is there (АПК 118(2), 121)."""
    latest: datetime.date | None = None
    """The last working day to which the law lets this term be extended; null where it knows no extension."""
    basis: str
    """The article or the charter's clause that permits it."""
    quote: str = ""
    """Its words."""
    explanation: str
    """In Bulgarian, for the clerk: how the date was counted and who must agree."""
    due: Due
    """Both clocks as they stand once it is approved."""


class Assignment(Value):
    """Who works on an item; names are copied at the time, so that a letter stays true."""

    department: str
    """Name of the department."""
    department_id: str
    officer: str | None = None
    """Name of the officer, or of the deputy on the officer's days off."""
    officer_id: str | None = None
    phone: str = ""
    extension: str = ""
    email: str = ""


class Entry(Value):
    """One line of the register."""

    item_id: ItemId
    registration_number: str
    """With its date: `94-00-17/20.11.2026`."""
    case_number: str
    """Of the case to which the letter belongs: its own, or that of an earlier letter."""
    joined: bool = False
    """The case is that of an earlier letter."""
    series: str
    """The numbers of one series and year have no gap."""
    year: int
    sequence: int
    registered_at: Instant
    access_code: str
    """For the citizen's status page; printed in every letter."""
    due: Due
    assigned_to: Assignment
    inspection_needed: bool = False
    """A person has said that an inspection (проверка) must be made: a promise that holds only without one does not."""
    counted_by: str = ""
    """The calendar and the rules by which the terms were last counted."""
