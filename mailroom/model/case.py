"""An example that travels with a rule pack, so that a clerk can see and check what the rules do."""

from datetime import date, datetime

from mailroom.model.arrival import Channel
from mailroom.model.base import Value
from mailroom.model.findings import Kind, Matter
from mailroom.model.verdict import Outcome


class Case(Value):
    """An example that comes with a pack: a short letter, or its facts alone, and what the pack must make of it.

    Where there is a letter, it is read as any other; the facts beside it are then what must be understood of it.
    """

    title: str
    """In Bulgarian, for who reads a failing check."""
    letter: str = ""
    """The words of the letter; empty: only the facts are given."""
    subject: str = ""
    sender: str = "Иванка Петрова <i.petrova@example.com>"
    """From, for what comes by mail."""
    kind: Kind
    matter: Matter | None = None
    anonymous: bool = False
    abusive: bool = False
    health_safety: bool = False
    protected_info: bool = False
    older_than_two_years: bool = False
    other_body: str | None = None
    channel: Channel = Channel.EMAIL
    received: datetime
    """Local time of the town; registered at the same moment."""
    inspection_needed: bool = False
    outcome: Outcome = Outcome.CONSIDER
    """Expected, as are the following fields."""
    urgent: bool = False
    sealed: bool = False
    restricted: bool = False
    needs_review: bool = False
    clause: str | None = None
    """Id of the deciding clause."""
    flagged: tuple[str, ...] = ()
    """Names of checks that must hold besides (`crime`, `review`, `named_employee`, …); others may hold as well."""
    district: str | None = None
    """Expected district; null: it is not looked at."""
    department: str | None = None
    """Id of the department that must get it; null: it is not looked at."""
    charter_due: date | None = None
    statute_due: date | None = None
