"""How people and machines get in: log-ins, second factors, keys of other systems; and what of it is written down."""

from enum import StrEnum

from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.staff import Staff


class Stage(StrEnum):
    """How far a log-in has come."""

    CODE = "code"
    """The password was right; the code of the second factor is still to come. Opens nothing."""
    OPEN = "open"


class Session(Value):
    """A log-in that has not ended."""

    token_sha256: str
    """Of the cookie's token, which is kept nowhere."""
    staff: Staff
    csrf: str
    """The token of this log-in's forms."""
    stage: Stage
    started_at: Instant
    ends_at: Instant
    seen_at: Instant
    """When the person last opened a page or sent a form, to the minute."""
    address: str
    """Whence the log-in came."""
    agent: str
    """The browser, as it names itself."""
    must_change_password: bool
    """The password was set by somebody else and is good for one log-in only."""
    must_have_second_factor: bool
    """The role demands one, and the person has none yet."""
    by_provider: bool = False
    """The person has no password here: the municipality's single sign-on alone says whether they may come in."""


class Account(Value):
    """What the administrator's page and the person's own tell of a log-in."""

    staff: Staff
    has_password: bool
    """False for who comes in by the municipality's single sign-on alone."""
    has_second_factor: bool
    recovery_codes: int
    """How many are left."""
    last_login_at: Instant | None


class Seen(StrEnum):
    """What somebody looked at."""

    ITEM = "item"
    """The page of the letter."""
    FILE = "file"
    """The letter as it came: its file, its pages, an attachment."""
    LETTER = "letter"
    """A letter of ours about it."""
    HELD = "held"
    """Everything that is held of it, for a person's request (ОРЗД чл. 15)."""
    ERASED = "erased"
    """Its content was erased."""


class Access(Value):
    """One look at an ЕГН or at a whistleblower's report."""

    id: int
    at: Instant
    login: str
    what: Seen
    item_id: ItemId
    number: str
    """The registration number; empty where there was none yet."""
    sealed: bool
    """True: a whistleblower's report; False: a letter with an ЕГН in it."""


class Scope(StrEnum):
    """What the holder of a token may do."""

    READ = "read"
    REGISTER = "register"


class ApiToken(Value):
    """A key for another system of the town. Its secret is shown once and kept only as SHA-256."""

    id: int
    name: str
    """The system that has it, as people call it."""
    scopes: tuple[Scope, ...]
    department_id: str | None
    """Only letters given to this department; null for all."""
    created_by: str
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None = None
    last_used_at: Instant | None = None
    """To the hour."""
